"""Why an event was or was not sent to a webhook."""

from __future__ import annotations

import enum
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q

from delivery.conditions import PayloadCondition, PayloadMatch
from delivery.conditions.condition import UNREADABLE, readable_conditions
from delivery.conditions.evaluation import compile_conditions
from delivery.fanout.finder import find_webhooks
from delivery.models import Delivery, EventSubscription, Webhook
from events.fields import JsonValue
from events.models import EventRecord

logger = logging.getLogger(__name__)

_MOST_CONDITIONS = 5
_MOST_CHARACTERS = 100


class DeliveryDecision(enum.Enum):
    """Rules that decide whether an event is sent to a webhook."""

    MATCHED = "matched"
    NOT_SUBSCRIBED = "not_subscribed"
    CONDITION_NOT_MET = "condition_not_met"
    WEBHOOK_NOT_ACTIVE = "webhook_not_active"
    WEBHOOK_TOO_NEW = "webhook_too_new"
    NOT_FANNED_OUT = "not_fanned_out"
    LEFT_OUT_BY_PROJECT = "left_out_by_project"


# These rules kept an event back when it happened, and would not if it happened now.
_OF_ITS_TIME = {DeliveryDecision.NOT_FANNED_OUT, DeliveryDecision.WEBHOOK_TOO_NEW}


@dataclass(frozen=True, kw_only=True)
class DeliveryExplanation:
    """Which rule decided whether an event is sent to a webhook, and its particulars for people.

    `is_sent` is whether there is a delivery, or would be one if the event happened now.
    """

    is_sent: bool
    decision: DeliveryDecision
    message: str
    delivery: Delivery | None = None


def explain_delivery(
    *, owner: models.Model, event_id: UUID, webhook_id: UUID
) -> DeliveryExplanation | None:
    """Tell why an event was or was not sent to a webhook of an owner.

    The event may be the owner's or everyone's. None if there is no such event or webhook, or it is
    somebody else's.
    """
    event = EventRecord.objects.visible_to(owner).filter(pk=event_id).first()
    webhook = Webhook.objects.visible_to(owner).filter(pk=webhook_id).first()
    if event is None or webhook is None:
        return None
    delivery = webhook.deliveries.filter(event=event).order_by("pk").first()
    return _explain_absence(event, webhook) if delivery is None else _explain_presence(delivery)


def _explain_presence(delivery: Delivery) -> DeliveryExplanation:
    made, status = _moment(delivery.created_at), delivery.status.upper()
    return DeliveryExplanation(
        is_sent=True,
        decision=DeliveryDecision.MATCHED,
        message=f"The delivery was made at {made}. Its status is {status}.{_hold(delivery)}",
        delivery=delivery,
    )


def _hold(delivery: Delivery) -> str:
    """Say until when a delivery is held back because its endpoint fails, if it is."""
    webhook, at = delivery.webhook, delivery.next_attempt_at
    if not webhook.is_parking or at is None:
        return ""
    return f" Since the endpoint fails, it is not tried again before {_moment(at)}."


def _explain_absence(event: EventRecord, webhook: Webhook) -> DeliveryExplanation:
    obstacles = list(_obstacles(event, webhook))
    is_sent = {obstacle.decision for obstacle in obstacles} <= _OF_ITS_TIME
    first = obstacles[0] if obstacles else _CHANGED_SINCE
    advice = " If the event happened now, it would be sent." if is_sent else ""
    return DeliveryExplanation(
        is_sent=is_sent, decision=first.decision, message=first.message + advice
    )


@dataclass(frozen=True)
class _Obstacle:
    """A rule that is in the way of a delivery."""

    decision: DeliveryDecision
    message: str


_CHANGED_SINCE = _Obstacle(
    DeliveryDecision.MATCHED, "The webhook did not ask for this event then, and was changed since."
)


def _obstacles(event: EventRecord, webhook: Webhook) -> Iterator[_Obstacle]:
    """Find the rules that are in the way of a delivery, in the order in which they are applied."""
    if event.fanned_out_at is None:
        yield _Obstacle(
            DeliveryDecision.NOT_FANNED_OUT, "The event's deliveries have not all been made yet."
        )
    if not webhook.is_active:
        reason = f": {webhook.status_reason}" if webhook.status_reason else "."
        yield _Obstacle(
            DeliveryDecision.WEBHOOK_NOT_ACTIVE, f"The webhook is {webhook.status}{reason}"
        )
    if webhook.active_since > event.recorded_at:
        yield _Obstacle(
            DeliveryDecision.WEBHOOK_TOO_NEW,
            f"The event was recorded at {_moment(event.recorded_at)}, before the webhook was made "
            f"or resumed at {_moment(webhook.active_since)}.",
        )
    yield from _unmatched(event, webhook.event_subscriptions.filter(event_type=event.event_type))
    # The finder is asked about active webhooks only.
    if webhook.is_active and not _is_found(event, webhook):
        yield _Obstacle(
            DeliveryDecision.LEFT_OUT_BY_PROJECT,
            "The project does not let this event go to the webhook.",
        )


def _is_found(event: EventRecord, webhook: Webhook) -> bool:
    try:
        # A savepoint, because it may be the finder's query that fails.
        with transaction.atomic():
            found = find_webhooks(event)
            return found is None or Webhook.objects.filter(Q(pk__in=found), pk=webhook.pk).exists()
    except Exception:
        # Whatever the project's code raises, the fan-out sends nothing either.
        logger.exception("The webhook finder failed on %s.", event.public_id)
        return False


def _unmatched(
    event: EventRecord, subscriptions: models.QuerySet[EventSubscription]
) -> Iterator[_Obstacle]:
    payload: JsonValue = json.loads(event.payload)
    unmet = [_unmet(subscription, payload) for subscription in subscriptions]
    if not unmet:
        yield _Obstacle(
            DeliveryDecision.NOT_SUBSCRIBED,
            f"The webhook is not subscribed to `{event.event_type}`.",
        )
    elif all(unmet):
        yield _Obstacle(DeliveryDecision.CONDITION_NOT_MET, _told(unmet, payload))


def _unmet(subscription: EventSubscription, payload: JsonValue) -> list[PayloadCondition]:
    compiled = compile_conditions(subscription.event_type, subscription.conditions)
    conditions = readable_conditions(subscription.conditions)
    results = compiled.results(payload)
    return [condition for condition, is_met in zip(conditions, results, strict=True) if not is_met]


def _told(unmet: Sequence[Sequence[PayloadCondition]], payload: JsonValue) -> str:
    told = [_finding(condition, payload) for conditions in unmet for condition in conditions]
    more = len(told) - _MOST_CONDITIONS
    others = f" So it is with {more} more." if more > 0 else ""
    return " ".join(told[:_MOST_CONDITIONS]) + others


def _finding(condition: PayloadCondition, payload: JsonValue) -> str:
    if condition == UNREADABLE:
        return "The webhook's conditions cannot be read, so that nothing meets them. Set them anew."
    return f"`{condition.path}` {_demand(condition)}, but {_found(payload, condition.path)}."


def _demand(condition: PayloadCondition) -> str:
    if condition.match is PayloadMatch.EXISTS:
        return "must exist" if condition.value != condition.negate else "must not exist"
    must = "must not" if condition.negate else "must"
    return f"{must} {_VERBS[condition.match]} {_short(condition.value)}"


_VERBS = {
    PayloadMatch.IS: "be",
    PayloadMatch.ANY: "be one of",
    PayloadMatch.STARTS_WITH: "start with",
    PayloadMatch.ENDS_WITH: "end with",
    PayloadMatch.CONTAINS: "contain",
    PayloadMatch.LIKE: "match the pattern",
    PayloadMatch.GREATER_THAN: "be greater than",
    PayloadMatch.LESS_THAN: "be less than",
}


def _found(payload: JsonValue, path: str) -> str:
    value = payload
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return "is missing"
        value = value[key]
    return f"is {_short(value)}"


def _short(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
