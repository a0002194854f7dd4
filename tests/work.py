"""What many tests do: make owners and webhooks, publish, and deliver at a moment of choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.conf import delivery_settings
from delivery.engine.claim import LEASE_MARGIN
from delivery.engine.engine import Engine
from delivery.http.transport import Transport
from delivery.models import Webhook
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec
from delivery.webhooks import create_webhook

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

LEASE = Webhook._meta.get_field("timeout").default + LEASE_MARGIN
"""How long a worker holds what it has claimed, of webhooks with the usual timeout."""


def make_owner(name: str) -> models.Model:
    """Return a new user."""
    user: models.Model = get_user_model().objects.create_user(username=name, password=name)
    return user


def subscribe(
    owner: models.Model,
    url: str,
    *events: str | EventSubscriptionSpec,
    is_paused: bool = False,
    now: datetime = LONG_AGO,
    **spec: Any,
) -> Webhook:
    """Return a new webhook, by default for pings."""
    wanted = WebhookSpec(name="A webhook", url=url, events=wanted_events(*events or ("ping",)))
    return create_webhook(
        owner=owner, spec=replace(wanted, **spec), is_paused=is_paused, now=now
    ).webhook


def wanted_events(*events: str | EventSubscriptionSpec) -> tuple[EventSubscriptionSpec, ...]:
    """Return subscriptions to events, to all of a type where only its name is given."""
    return tuple(
        EventSubscriptionSpec(event_type=each) if isinstance(each, str) else each for each in events
    )


def make_engine(*, now: datetime | None = None, max_senders: int = 32) -> Engine:
    """Return an engine for which it is `now` all the time, or real time when left out."""
    return Engine(
        transport=Transport(rules=delivery_settings().endpoint_rules),
        max_senders=max_senders,
        clock=(lambda: now) if now else timezone.now,
        random=Random(0),
    )


def deliver(*, now: datetime | None = None, max_senders: int = 32) -> None:
    """Fan out what was published, and send all that is due at `now`."""
    actors.fan_out()
    engine = make_engine(now=now, max_senders=max_senders)
    engine.run_until_idle()
    engine.stop()


def later(**span: float) -> datetime:
    """Return a moment in the future, such as `later(hours=1)`."""
    return timezone.now() + timedelta(**span)
