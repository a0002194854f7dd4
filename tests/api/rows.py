"""Rows for the API to show: deliveries and attempts, as the engine would have left them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models

from delivery.models import Attempt, Delivery, Webhook
from events.models import EventRecord
from events.publishing import Everyone, publish
from events.webhooks import Ping

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record_ping(owner: models.Model | Everyone, *, message: str = "hello") -> EventRecord:
    """Return the record of a new ping."""
    return publish(Ping(message=message), owner=owner, occurred_at=NOW)


def make_delivery(webhook: Webhook, *, event: EventRecord | None = None, **values: Any) -> Delivery:
    """Return a new delivery to a webhook, by default of a new ping and not yet attempted."""
    return Delivery.objects.create(
        owner_id=webhook.owner_id,
        webhook=webhook,
        event=event or record_ping(webhook.owner),
        **{"created_at": NOW, "due_at": NOW, **values},
    )


def make_attempt(delivery: Delivery, *, number: int = 1, **values: Any) -> Attempt:
    """Return an attempt at a delivery, by default one that was answered with 200."""
    return Attempt.objects.create(
        owner_id=delivery.owner_id,
        delivery=delivery,
        number=number,
        **{
            "outcome": Attempt.Outcome.SUCCEEDED,
            "request_url": delivery.webhook.url,
            "request_headers": [["content-type", "application/json"]],
            "status_code": 200,
            "response_headers": [["server", "a receiver"]],
            "response_body": "thanks",
            "started_at": NOW,
            "duration": timedelta(milliseconds=120),
            **values,
        },
    )
