"""Creating and changing webhooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import models, transaction

from delivery import webhook_rules
from delivery.actors import wake_engine
from delivery.conditions.condition import dump_conditions, readable_conditions
from delivery.duplicates import duplicates_refused
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.http.signing import generate_secret
from delivery.models import EventSubscription, SigningSecret, Webhook
from delivery.parking import send_parked
from delivery.webhook_locks import lock_webhook
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec

Change: TypeAlias = Callable[[WebhookSpec], WebhookSpec]

_COLUMNS = (
    "name",
    "description",
    "url",
    "key",
    "payload_format",
    "callback",
    "timeout",
    "max_in_flight",
)


@dataclass(frozen=True, kw_only=True)
class CreatedWebhook:
    """A new webhook and its signing secret, which is not shown again."""

    webhook: Webhook
    signing_secret: str


def create_webhook(
    *, owner: models.Model, spec: WebhookSpec, now: datetime, is_paused: bool = False
) -> CreatedWebhook:
    """Subscribe an endpoint to events. Raises `Refused` with every mistake in `spec`."""
    webhook = Webhook(
        owner_id=owner.pk,
        status=Webhook.Status.PAUSED if is_paused else Webhook.Status.ACTIVE,
        active_since=now,
        created_at=now,
    )
    secret = generate_secret()
    with transaction.atomic():
        webhook_rules.check_room(owner)
        webhook_rules.check(spec)
        _store(webhook, spec, now=now)
        _store_events(webhook, spec.events)
        SigningSecret.objects.create(webhook=webhook, secret=secret, created_at=now)
    return CreatedWebhook(webhook=webhook, signing_secret=secret)


def update_webhook(
    *,
    owner: models.Model,
    webhook_id: UUID,
    change: Change,
    expected_version: int | None = None,
    now: datetime,
) -> Webhook:
    """Change a webhook: `change` gets it as it is and returns it as it is to be.

    Raises `Refused`: NOT_FOUND, WRONG_STATE for a cancelled one, CONFLICT if it is no longer at
    `expected_version`, or every mistake in the new form.
    """
    with transaction.atomic():
        webhook = lock_webhook(owner=owner, webhook_id=webhook_id)
        if expected_version not in (None, webhook.version):
            raise Refused(
                Mistake(
                    code=ErrorCode.CONFLICT,
                    message=f"The webhook is at version {webhook.version}, not "
                    f"{expected_version}: it was changed meanwhile. Read it again.",
                    path=("expected_version",),
                )
            )
        spec = spec_of(webhook)
        if (changed := change(spec)) != spec:
            webhook.version += 1
            webhook_rules.check(changed, before=spec)
            _store(webhook, changed, now=now)
            if changed.url != spec.url and webhook.is_active:
                send_parked([webhook.pk], now=now)
                transaction.on_commit(wake_engine)
            # Left alone otherwise: what cannot be read now may be read by another version.
            if changed.events != spec.events:
                _store_events(webhook, changed.events)
    return webhook


def spec_of(webhook: Webhook) -> WebhookSpec:
    """Return a webhook as its owner describes it."""
    return WebhookSpec(
        **{name: getattr(webhook, name) for name in _COLUMNS},
        events=tuple(
            EventSubscriptionSpec(
                event_type=row.event_type,
                conditions=readable_conditions(row.conditions),
                selection=row.selection,
            )
            for row in webhook.event_subscriptions.all()
        ),
        headers=tuple((name, value) for name, value in webhook.headers),
        authentication=webhook.endpoint_authentication,
        retry_policy=webhook.policy if webhook.retry_policy else None,
    )


def _store(webhook: Webhook, spec: WebhookSpec, *, now: datetime) -> None:
    if webhook.url != spec.url:
        webhook.forget_failures()
    for name in _COLUMNS:
        setattr(webhook, name, getattr(spec, name))
    webhook.headers = [list(header) for header in spec.headers]
    webhook.authentication = spec.stored_authentication
    webhook.retry_policy = spec.stored_policy
    webhook.fingerprint = spec.fingerprint
    webhook.updated_at = now
    with duplicates_refused():
        webhook.save()


def _store_events(webhook: Webhook, events: Sequence[EventSubscriptionSpec]) -> None:
    webhook.event_subscriptions.all().delete()
    EventSubscription.objects.bulk_create(
        EventSubscription(
            webhook=webhook,
            event_type=wanted.event_type,
            conditions=dump_conditions(wanted.conditions),
            selection=wanted.selection,
        )
        for wanted in events
    )
