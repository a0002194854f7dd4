"""Webhooks whose circuit is open, for tests of what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from delivery.breaker import OPENS_AFTER
from delivery.models import Delivery, Webhook
from delivery.retry import FixedRetryPolicy
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.invariants import broken_rules
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

SOON = FixedRetryPolicy(max_attempts=50, delay=timedelta(seconds=1))


def send(owner: models.Model, *, events: int = 1, now: datetime | None = None) -> None:
    for _ in range(events):
        publish(Ping(), owner=owner)
    deliver(now=now)
    assert broken_rules() == []


def opened(owner: models.Model, receiver: Receiver, *, waiting: int = 3) -> Webhook:
    """Return a webhook whose circuit is open, and for which some deliveries were never tried."""
    receiver.answers(500)
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=SOON)
    send(owner, events=OPENS_AFTER)
    send(owner, events=waiting)
    webhook.refresh_from_db()
    assert webhook.circuit == Webhook.Circuit.OPEN
    assert len(receiver.requests("/in")) == OPENS_AFTER
    return webhook


def states() -> tuple[str, int, bool]:
    """Return the circuit, how many deliveries wait, and whether a probe is planned."""
    webhook = Webhook.objects.get()
    return webhook.circuit, Delivery.objects.waiting().count(), webhook.probe_at is not None


def at_probe(webhook: Webhook) -> datetime:
    webhook.refresh_from_db()
    assert webhook.probe_at
    return webhook.probe_at
