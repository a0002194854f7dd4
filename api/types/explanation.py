"""Why an event was or was not sent to a webhook."""

from __future__ import annotations

import enum
from typing import Any

import strawberry

from api.types.delivery import Delivery
from delivery import explanation, models


def _decision(decision: explanation.DeliveryDecision, description: str) -> Any:
    return strawberry.enum_value(decision.value, description=description)


@strawberry.enum(description="Rules that decide whether an event is sent to a webhook.")
class DeliveryDecision(enum.Enum):
    """Rules that decide whether an event is sent; a value is that of the domain's enum."""

    MATCHED = _decision(
        explanation.DeliveryDecision.MATCHED,
        "The webhook is subscribed and every condition is met.",
    )
    NOT_SUBSCRIBED = _decision(
        explanation.DeliveryDecision.NOT_SUBSCRIBED,
        "The webhook is not subscribed to this kind of event.",
    )
    CONDITION_NOT_MET = _decision(
        explanation.DeliveryDecision.CONDITION_NOT_MET, "A condition is not met."
    )
    WEBHOOK_NOT_ACTIVE = _decision(
        explanation.DeliveryDecision.WEBHOOK_NOT_ACTIVE,
        "The webhook was paused, suspended or cancelled.",
    )
    WEBHOOK_TOO_NEW = _decision(
        explanation.DeliveryDecision.WEBHOOK_TOO_NEW,
        "The webhook was made after the event happened.",
    )
    NOT_FANNED_OUT = _decision(
        explanation.DeliveryDecision.NOT_FANNED_OUT, "The event has not been fanned out yet."
    )
    LEFT_OUT_BY_PROJECT = _decision(
        explanation.DeliveryDecision.LEFT_OUT_BY_PROJECT,
        "The project's webhook finder left the webhook out.",
    )


@strawberry.type(description="Why an event was or was not sent to a webhook.")
class DeliveryExplanation:
    """An explanation as the schema shows it."""

    is_sent: bool = strawberry.field(
        description="Whether there is a delivery, or would be one if the event happened now."
    )
    delivery: models.Delivery | None = strawberry.field(
        graphql_type=Delivery | None, description="The delivery. Null when there is none."
    )
    reason: DeliveryDecision = strawberry.field(description="The rule that decided.")
    message: str = strawberry.field(description="The rule's particulars, for people.")


def shown_explanation(found: explanation.DeliveryExplanation) -> DeliveryExplanation:
    """Return an explanation as the schema shows it."""
    return DeliveryExplanation(
        is_sent=found.is_sent,
        delivery=found.delivery,
        reason=DeliveryDecision(found.decision.value),
        message=found.message,
    )
