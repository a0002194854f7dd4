"""Making an engine as the settings describe it."""

from __future__ import annotations

from random import SystemRandom

from django.utils import timezone

from delivery.conf import callable_at, delivery_settings
from delivery.engine.announce import Announcer
from delivery.engine.claim import ClaimDue, claim_due
from delivery.engine.engine import Engine
from delivery.http.transport import RequestSender, Transport
from delivery.pace import pace_of_process


def make_transport() -> RequestSender:
    """Return what sends requests: the project's own if `WEBHOOK_TRANSPORT` names one, or ours.

    Raises `ImportError` or `TypeError` if it names nothing that can be called without arguments.
    """
    options = delivery_settings()
    if options.transport:
        made: RequestSender = callable_at(options.transport)()
        return made
    return Transport(rules=options.endpoint_rules, ca_file=options.ca_file)


def make_engine(*, announcer: Announcer, claim: ClaimDue = claim_due) -> Engine:
    """Return a new engine, in real time."""
    options = delivery_settings()
    return Engine(
        transport=make_transport(),
        max_senders=options.max_senders,
        pace=pace_of_process(options.redis_url),
        clock=timezone.now,
        random=SystemRandom(),
        announcer=announcer,
        claim=claim,
    )
