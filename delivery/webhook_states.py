"""Pausing, resuming and cancelling webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models, transaction

from delivery.actors import wake_engine
from delivery.audit import CODE, Action, Actor, note_action
from delivery.models import Delivery, Webhook
from delivery.parking import send_parked
from delivery.webhook_locks import lock_webhook


@dataclass(frozen=True, kw_only=True)
class CancelledWebhook:
    """A cancelled webhook, and how many waiting deliveries were cancelled with it."""

    webhook: Webhook
    delivery_count: int


def pause_webhook(
    *, owner: models.Model, webhook_id: UUID, now: datetime, actor: Actor = CODE
) -> Webhook:
    """Stop sending for now, retries included. What waits is kept; a paused one stays as it is."""
    with transaction.atomic():
        webhook = lock_webhook(owner=owner, webhook_id=webhook_id)
        if webhook.status != Webhook.Status.PAUSED:
            webhook.set_status(Webhook.Status.PAUSED, now=now)
            webhook.deliveries.waiting().filter(due_at__isnull=False).update(due_at=None)
            note_action(Action.WEBHOOK_PAUSED, target=webhook, owner=owner, actor=actor, now=now)
    return webhook


def resume_webhook(
    *, owner: models.Model, webhook_id: UUID, now: datetime, actor: Actor = CODE
) -> Webhook:
    """Start sending again, what waited first, whatever failed before.

    An active one stays as it is, but that it is no longer held back because its endpoint failed.
    """
    with transaction.atomic():
        webhook = lock_webhook(owner=owner, webhook_id=webhook_id)
        if webhook.status != Webhook.Status.ACTIVE:
            webhook.active_since = now
            webhook.forget_failures()
            webhook.set_status(Webhook.Status.ACTIVE, now=now)
        elif webhook.circuit != Webhook.Circuit.CLOSED:
            webhook.forget_failures()
            webhook.save()
        else:
            return webhook
        send_parked([webhook.pk], now=now)
        transaction.on_commit(wake_engine)
        note_action(Action.WEBHOOK_RESUMED, target=webhook, owner=owner, actor=actor, now=now)
    return webhook


def cancel_webhook(
    *, owner: models.Model, webhook_id: UUID, now: datetime, actor: Actor = CODE
) -> CancelledWebhook:
    """End a webhook for good, and cancel what waits to be sent to it."""
    with transaction.atomic():
        webhook = lock_webhook(owner=owner, webhook_id=webhook_id)
        webhook.cancelled_at = now
        webhook.set_status(Webhook.Status.CANCELLED, now=now)
        count = webhook.deliveries.waiting().update(
            status=Delivery.Status.CANCELLED, due_at=None, is_behind=False, completed_at=now
        )
        note_action(Action.WEBHOOK_CANCELLED, target=webhook, owner=owner, actor=actor, now=now)
    return CancelledWebhook(webhook=webhook, delivery_count=count)
