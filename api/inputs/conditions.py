"""Conditions as callers describe them, and as they try them on a payload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from api.types.event_type import EventTypeName
from delivery.conditions import PayloadCondition, PayloadMatch
from events.fields import JsonValue


def _match(description: str, *, name: str | None = None) -> Any:
    return strawberry.field(name=name, default=strawberry.UNSET, description=description)


@strawberry.input(one_of=True, description="Exactly one way to compare a field of a payload.")
class PayloadMatchInput:
    """Exactly one way to compare a field; an attribute has the value of a `PayloadMatch`."""

    # Python keeps `is` for itself.
    is_: JSON | None = _match("Equal to this value.", name="is")
    any: list[JSON] | None = _match("Equal to any of these values.")
    starts_with: str | None = _match("Text that starts with this.")
    ends_with: str | None = _match("Text that ends with this.")
    contains: JSON | None = _match("Text that contains this, or a list that has it as a member.")
    like: str | None = _match(
        "Text in which this regular expression finds a match, 200 characters at most."
    )
    greater_than: JSON | None = _match("Above this number, moment or day.")
    less_than: JSON | None = _match("Below this number, moment or day.")
    exists: bool | None = _match("There and not null; with `false`, absent or null.")

    def chosen(self) -> tuple[PayloadMatch, JsonValue]:
        """Return the way to compare, and with what."""
        # GraphQL has seen to it that there is exactly one.
        name, value = next(item for item in vars(self).items() if item[1] is not strawberry.UNSET)
        return PayloadMatch(name.rstrip("_")), cast("JsonValue", value)


@strawberry.input(description="Something that a payload must meet.")
class PayloadConditionInput:
    """Something that a payload must meet."""

    path: str = strawberry.field(
        description="The path of the payload's field: one of the event type's `payloadFields`."
    )
    match: PayloadMatchInput = strawberry.field(description="How to compare the field.")
    negate: bool = strawberry.field(default=False, description="Whether the opposite must hold.")

    def condition(self) -> PayloadCondition:
        """Return the condition as it is to be stored."""
        match, value = self.match.chosen()
        return PayloadCondition(path=self.path, match=match, value=value, negate=self.negate)


def read_conditions(given: Sequence[PayloadConditionInput]) -> tuple[PayloadCondition, ...]:
    """Return conditions as they are to be stored."""
    return tuple(each.condition() for each in given)


@strawberry.input(description="Conditions to try on a payload.")
class PayloadFilterPreviewInput:
    """Conditions to try on a payload."""

    event_type: EventTypeName = strawberry.field(description="The kind of event.")
    conditions: list[PayloadConditionInput] = strawberry.field(description="The conditions.")
    payload: JSON | None = strawberry.field(
        default=None,
        description="The payload to try them on. The sample payload when left out.",
    )
