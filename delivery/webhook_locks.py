"""Taking a webhook to change it."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from delivery.errors import ErrorCode, Mistake, Refused
from delivery.models import Webhook


def lock_webhook(*, owner: models.Model, webhook_id: UUID) -> Webhook:
    """Return an owner's webhook, locked until the end of the transaction.

    Raises `Refused`: NOT_FOUND, WRONG_STATE for a cancelled one.
    """
    rows: models.QuerySet[Webhook] = Webhook.objects.visible_to(owner).filter(pk=webhook_id)
    webhook = rows.select_for_update(no_key=True).first()
    if webhook is None:
        raise Refused(Mistake(code=ErrorCode.NOT_FOUND, message="There is no such webhook."))
    if webhook.status == Webhook.Status.CANCELLED:
        raise Refused(
            Mistake(code=ErrorCode.WRONG_STATE, message="The webhook was cancelled for good.")
        )
    return webhook
