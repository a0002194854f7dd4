"""Suspending webhooks whose requests fail."""

from __future__ import annotations

from datetime import datetime

from delivery.audit import SYSTEM, Action, note_action
from delivery.models import Webhook
from delivery.webhook_events import WebhookSuspended
from events.publishing import publish


def suspend_webhook(webhook: Webhook, *, reason: str, now: datetime) -> None:
    """Stop sending because requests fail, and tell the owner's other webhooks. What waits is kept.

    For the engine, in whose transaction the row is locked.
    """
    webhook.set_status(Webhook.Status.SUSPENDED, reason=reason, now=now)
    webhook.deliveries.waiting().filter(due_at__isnull=False).update(due_at=None)
    note_action(
        Action.WEBHOOK_SUSPENDED,
        target=webhook,
        owner=webhook.owner,
        actor=SYSTEM,
        now=now,
        reason=reason,
    )
    suspended = WebhookSuspended(
        webhook_id=webhook.public_id, name=webhook.name, reason=reason, suspended_at=now
    )
    publish(suspended, owner=webhook.owner)
