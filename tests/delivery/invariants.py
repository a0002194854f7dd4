"""What must hold of webhooks and deliveries whenever nobody is writing."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from delivery.models import Delivery, Webhook


def broken_rules() -> list[str]:
    """Return what does not hold: a delivery that nothing would ever move, above all."""
    webhooks = [rule for webhook in Webhook.objects.all() for rule in _of_webhook(webhook)]
    deliveries = Delivery.objects.prefetch_related("attempts")
    return webhooks + [rule for each in deliveries for rule in _of_delivery(each)]


def _of_webhook(webhook: Webhook) -> Iterator[str]:
    parked = webhook.deliveries.parked().exists()
    moves = webhook.deliveries.filter(due_at__isnull=False).exists()
    if parked and webhook.status == Webhook.Status.CANCELLED:
        yield "Something is parked that nothing will send, since its webhook was cancelled."
    match webhook.circuit:
        case Webhook.Circuit.CLOSED:
            if parked and webhook.is_active and not webhook.probe_at:
                yield "Something is parked though all is well, and nothing will send it on."
            if webhook.probe_at and not webhook.is_active:
                yield "A webhook that sends nothing is to send on what is parked."
        case _ if not webhook.is_active:
            yield "A webhook that sends nothing has a circuit that is not closed."
        case Webhook.Circuit.OPEN:
            if not webhook.probe_at:
                yield "The circuit is open and no probe is planned."
        case _:
            if parked and not moves and not webhook.probe_at:
                yield "The circuit is half open and nothing will close it."


def _of_delivery(delivery: Delivery) -> Iterator[str]:
    has_ended = delivery.completed_at is not None
    is_waiting = delivery.status in {Delivery.Status.PENDING, Delivery.Status.RETRYING}
    if delivery.status == Delivery.Status.SENDING and delivery.due_at is None:
        yield "What is being sent has no lease."
    if has_ended and delivery.due_at:
        yield "What has ended is due."
    if has_ended == (is_waiting or delivery.status == Delivery.Status.SENDING):
        yield f"It is {delivery.status}, and has ended: {has_ended}."
    if delivery.attempt_count != delivery.attempts.count():
        yield "Attempts are miscounted."
    if delivery.is_behind:
        yield from _of_what_is_behind(delivery)


def _of_what_is_behind(delivery: Delivery) -> Iterator[str]:
    if delivery.due_at or not delivery.ordering_key or delivery.completed_at:
        yield "What is behind another is due, has no order or has ended."
    before = Delivery.objects.filter(
        webhook=delivery.webhook_id, ordering_key=delivery.ordering_key, completed_at=None
    )
    is_earlier = Q(is_behind=False, event__lt=delivery.event_id)
    if not before.filter(is_earlier | Q(status=Delivery.Status.SENDING)).exists():
        yield "It is behind nothing, and so nothing will send it."
