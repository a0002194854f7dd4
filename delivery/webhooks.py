"""Creating, changing, pausing, resuming, suspending and cancelling webhooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import models, transaction

from delivery import webhook_rules
from delivery.conditions.condition import dump_conditions, readable_conditions
from delivery.duplicates import duplicates_refused
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.http.signing import generate_secret
from delivery.models import Delivery, EventSubscription, SigningSecret, Webhook
from delivery.webhook_events import WebhookSuspended
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec
from events.publishing import publish

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


@dataclass(frozen=True, kw_only=True)
class CancelledWebhook:
    """A cancelled webhook, and how many waiting deliveries were cancelled with it."""

    webhook: Webhook
    delivery_count: int


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
        webhook = _lock(owner, webhook_id)
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
            # Left alone otherwise: what cannot be read now may be read by another version.
            if changed.events != spec.events:
                _store_events(webhook, changed.events)
    return webhook


def pause_webhook(*, owner: models.Model, webhook_id: UUID, now: datetime) -> Webhook:
    """Stop sending for now, retries included. What waits is kept; a paused one stays as it is."""
    with transaction.atomic():
        webhook = _lock(owner, webhook_id)
        if webhook.status != Webhook.Status.PAUSED:
            _set_status(webhook, Webhook.Status.PAUSED, now=now)
            webhook.deliveries.waiting().update(due_at=None)
    return webhook


def resume_webhook(*, owner: models.Model, webhook_id: UUID, now: datetime) -> Webhook:
    """Start sending again, what waited first. An active one stays as it is."""
    with transaction.atomic():
        webhook = _lock(owner, webhook_id)
        if webhook.status != Webhook.Status.ACTIVE:
            webhook.active_since = now
            webhook.failing_since = None
            _set_status(webhook, Webhook.Status.ACTIVE, now=now)
            webhook.deliveries.waiting().filter(due_at=None).update(due_at=now)
    return webhook


def suspend_webhook(webhook: Webhook, *, reason: str, now: datetime) -> None:
    """Stop sending because requests fail, and tell the owner's other webhooks. What waits is kept.

    For the engine, in whose transaction the row is locked.
    """
    _set_status(webhook, Webhook.Status.SUSPENDED, reason=reason, now=now)
    webhook.deliveries.waiting().update(due_at=None)
    suspended = WebhookSuspended(
        webhook_id=webhook.public_id, name=webhook.name, reason=reason, suspended_at=now
    )
    publish(suspended, owner=webhook.owner)


def cancel_webhook(*, owner: models.Model, webhook_id: UUID, now: datetime) -> CancelledWebhook:
    """End a webhook for good, and cancel what waits to be sent to it."""
    with transaction.atomic():
        webhook = _lock(owner, webhook_id)
        webhook.cancelled_at = now
        _set_status(webhook, Webhook.Status.CANCELLED, now=now)
        count = webhook.deliveries.waiting().update(
            status=Delivery.Status.CANCELLED, due_at=None, completed_at=now
        )
    return CancelledWebhook(webhook=webhook, delivery_count=count)


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


def _lock(owner: models.Model, webhook_id: UUID) -> Webhook:
    rows: models.QuerySet[Webhook] = Webhook.objects.visible_to(owner).filter(pk=webhook_id)
    webhook = rows.select_for_update(no_key=True).first()
    if webhook is None:
        raise Refused(Mistake(code=ErrorCode.NOT_FOUND, message="There is no such webhook."))
    if webhook.status == Webhook.Status.CANCELLED:
        raise Refused(
            Mistake(code=ErrorCode.WRONG_STATE, message="The webhook was cancelled for good.")
        )
    return webhook


def _store(webhook: Webhook, spec: WebhookSpec, *, now: datetime) -> None:
    if webhook.url != spec.url:
        webhook.failing_since = None
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


def _set_status(
    webhook: Webhook, status: Webhook.Status, *, now: datetime, reason: str = ""
) -> None:
    webhook.status = status
    webhook.status_reason = reason
    webhook.version += 1
    webhook.updated_at = now
    webhook.save()
