"""What people do to single deliveries."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models, transaction

from delivery.actors import wake_engine
from delivery.audit import CODE, Action, Actor, note_action
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.models import Delivery, Webhook
from delivery.parking import begin_probe
from delivery.turns import front_of_queue

MOST_ATTEMPTS = 100
"""How many attempts a delivery may have, those that people ask for included."""


def retry_delivery(
    *,
    owner: models.Model,
    delivery_id: UUID,
    only_if_ended: bool = False,
    now: datetime,
    actor: Actor = CODE,
) -> Delivery:
    """Have one more attempt made now, of a delivery that waits or has failed.

    What it waits for comes earlier then, so that two attempts never meet; the attempts go on
    counting, and the retry policy decides what follows. If the webhook is held back because its
    endpoint failed, this attempt is the probe that finds out whether it is well again.

    Raises `Refused`: NOT_FOUND; WRONG_STATE for one that succeeded, is under way or goes to a
    webhook that is not active, and with `only_if_ended` for one that is tried again by itself;
    LIMIT_REACHED after `MOST_ATTEMPTS`.
    """
    with transaction.atomic():
        delivery = _lock(owner, delivery_id)
        _refuse(delivery, only_if_ended=only_if_ended)
        is_retry = delivery.attempt_count > 0
        delivery.status = Delivery.Status.RETRYING if is_retry else Delivery.Status.PENDING
        # What was never tried stands in the queue of turns, in which now is behind all others.
        delivery.due_at = now if is_retry else front_of_queue(now=now)
        delivery.is_behind = False
        delivery.completed_at = None
        delivery.save(update_fields=["status", "due_at", "is_behind", "completed_at"])
        begin_probe(delivery.webhook, now=now)
        note_action(Action.DELIVERY_RETRIED, target=delivery, owner=owner, actor=actor, now=now)
        transaction.on_commit(wake_engine)
    return delivery


def _lock(owner: models.Model, delivery_id: UUID) -> Delivery:
    mine: models.QuerySet[Delivery] = Delivery.objects.visible_to(owner).filter(pk=delivery_id)
    # The webhook before the delivery, as a pause or a cancel locks them.
    webhooks = Webhook.objects.filter(pk__in=mine.values("webhook"))
    webhook = webhooks.select_for_update(no_key=True).first()
    # Gone as well if it was removed, as what is old is, while the lock was waited for.
    delivery = mine.select_for_update().first()
    if webhook is None or delivery is None:
        raise Refused(Mistake(code=ErrorCode.NOT_FOUND, message="There is no such delivery."))
    delivery.webhook = webhook
    return delivery


def _refuse(delivery: Delivery, *, only_if_ended: bool) -> None:
    """Raise `Refused` if another attempt may not be made."""
    if complaint := _complaint(delivery, only_if_ended=only_if_ended):
        raise Refused(Mistake(code=ErrorCode.WRONG_STATE, message=complaint))
    if delivery.attempt_count >= MOST_ATTEMPTS:
        message = f"There were {MOST_ATTEMPTS} attempts, and there may be no more."
        raise Refused(Mistake(code=ErrorCode.LIMIT_REACHED, message=message))


def _complaint(delivery: Delivery, *, only_if_ended: bool) -> str | None:
    match delivery.status:
        case Delivery.Status.SUCCEEDED:
            return "The endpoint has accepted it already."
        case Delivery.Status.SENDING:
            return "A request is under way. Wait for how it ends."
    if not delivery.webhook.is_active:
        status = delivery.webhook.get_status_display().lower()
        remedy = "" if status == "cancelled" else " Resume it first."
        return f"Its webhook is {status}.{remedy}"
    if only_if_ended and delivery.completed_at is None:
        return "It has not ended: it will be tried by itself."
    return None
