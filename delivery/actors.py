"""The Dramatiq actors: the only entrances to fan-out and engine. A message says "look now"."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from random import SystemRandom

import dramatiq
from django.utils import timezone

from delivery.broker import QUEUE, make_broker
from delivery.conf import delivery_settings
from delivery.doorbell import OutOfReach, make_doorbell
from delivery.engine.engine import Engine
from delivery.engine.sweep import look
from delivery.fanout import fan_out_step
from delivery.http.transport import Transport

broker = make_broker()
doorbell = make_doorbell()


@cache
def engine() -> Engine:
    """Return this process's engine, made on first use as the settings describe it."""
    options = delivery_settings()
    transport = Transport(
        rules=options.address_rules, allow_http=options.allow_http, ca_file=options.ca_file
    )
    return Engine(
        transport=transport,
        max_senders=options.max_senders,
        clock=timezone.now,
        random=SystemRandom(),
    )


@dramatiq.actor(broker=broker, queue_name=QUEUE)
def fan_out() -> None:
    """Make deliveries of all events that have none yet."""
    doorbell.answered(fan_out)
    while (done := fan_out_step(now=timezone.now())).records:
        if done.deliveries:
            # Without the broker, the sweep sees to it.
            with suppress(OutOfReach):
                doorbell.ring(deliver_due)


@dramatiq.actor(broker=broker, queue_name=QUEUE)
def deliver_due() -> None:
    """Send every delivery that is due."""
    doorbell.answered(deliver_due)
    engine().run_until_idle()


def sweep() -> None:
    """Ring for whatever waits, so that a lost message costs time and never an event.

    Raises `OutOfReach` if something waits and the broker cannot be reached.
    """
    found = look(now=timezone.now())
    if found.events_to_fan_out:
        doorbell.ring(fan_out)
    if found.deliveries_due or engine().is_stalled:
        doorbell.ring(deliver_due)
