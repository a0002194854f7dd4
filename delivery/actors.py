"""The Dramatiq actors: the only entrances to fan-out and engine. A message says "look now"."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

import dramatiq
from django.utils import timezone

from delivery.broker import QUEUE, make_broker
from delivery.doorbell import OutOfReach, make_doorbell
from delivery.engine.announce import AnnouncerPool
from delivery.engine.engine import Engine
from delivery.engine.making import make_engine
from delivery.engine.sweep import look
from delivery.fanout import fan_out_steps
from delivery.faults import FaultPoint, pass_by
from delivery.runner import Runner

# What a worker sends by itself before another has begun.
_MANY = 50

broker = make_broker()
doorbell = make_doorbell()


@cache
def engine() -> Engine:
    """Return this process's engine, made on first use as the settings describe it."""
    return make_engine(announcer=AnnouncerPool())


@dramatiq.actor(broker=broker, queue_name=QUEUE)
def fan_out() -> None:
    """Make deliveries of all events that have none yet."""
    doorbell.answered(fan_out)
    pass_by(FaultPoint.FAN_OUT_WOKEN)
    for done in fan_out_steps(clock=timezone.now):
        if done.deliveries:
            is_begun = _wake_own_engine(at_fresh_only=True)
            if not is_begun or done.deliveries >= _MANY:
                _ring_for_engine()


@dramatiq.actor(broker=broker, queue_name=QUEUE)
def deliver_due() -> None:
    """Send every delivery that is due."""
    doorbell.answered(deliver_due)
    pass_by(FaultPoint.ENGINE_WOKEN)
    engine().run_until_idle()


runner = Runner(lambda: engine().work())


def wake_engine() -> None:
    """Have what is due sent now. Without the broker, the sweep sees to it."""
    _wake_own_engine()
    _ring_for_engine()


def _wake_own_engine(*, at_fresh_only: bool = False) -> bool:
    """Have this process send at once what is due, if it is a worker; False if it is none."""
    if not runner.is_started:
        return False
    # First, since it may be at work already, with requests that take long.
    engine().look_again(at_fresh_only=at_fresh_only)
    runner.wake()
    return True


def _ring_for_engine() -> None:
    with suppress(OutOfReach):
        doorbell.ring(deliver_due)


def sweep() -> None:
    """Ring for whatever waits, so that a lost message costs time and never an event.

    Raises `OutOfReach` if something waits and the broker cannot be reached.
    """
    found = look(now=timezone.now())
    if found.events_to_fan_out:
        doorbell.ring(fan_out)
    if found.deliveries_due or found.probes_due or engine().is_stalled:
        doorbell.ring(deliver_due)
