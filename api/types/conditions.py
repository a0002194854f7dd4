"""Conditions as they are shown, and what they make of a payload."""

from __future__ import annotations

import strawberry
from strawberry.scalars import JSON

from api.errors import UserError
from api.types.payload_fields import PayloadMatch
from delivery import conditions


@strawberry.type(description="Something that a payload must meet.")
class PayloadCondition:
    """Something that a payload must meet."""

    path: str = strawberry.field(
        description="The path of the payload's field, such as `customer.email`."
    )
    match: PayloadMatch = strawberry.field(description="How the field is compared.")
    value: JSON = strawberry.field(description="What it is compared with.")
    negate: bool = strawberry.field(description="Whether the opposite must hold.")


@strawberry.type(description="What conditions make of a payload.")
class PayloadFilterPreview:
    """What conditions make of a payload."""

    is_sent: bool = strawberry.field(default=False, description="Whether the event would be sent.")
    results: list[bool] = strawberry.field(
        default_factory=list, description="What each condition comes to, in order."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="What is wrong with the conditions."
    )


def condition_of(stored: conditions.PayloadCondition) -> PayloadCondition:
    """Return a condition as callers see it."""
    return PayloadCondition(
        path=stored.path,
        match=PayloadMatch[stored.match.name],
        value=JSON(stored.value),
        negate=stored.negate,
    )
