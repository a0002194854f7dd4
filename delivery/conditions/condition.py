"""`PayloadCondition`: something that a payload must meet, and its stored form."""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass

from events.fields import JsonValue


class PayloadMatch(enum.StrEnum):
    """Ways to compare a field of a payload."""

    IS = "is"
    ANY = "any"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    CONTAINS = "contains"
    LIKE = "like"
    GREATER_THAN = "greater_than"
    LESS_THAN = "less_than"
    EXISTS = "exists"


@dataclass(frozen=True, kw_only=True)
class PayloadCondition:
    """Something that a payload must meet.

    `path` leads to the payload's field by its keys, such as `customer.email`; `value` is what the
    field is compared with, a list of values for `ANY`; `negate` asks for the opposite.
    """

    path: str
    match: PayloadMatch
    value: JsonValue
    negate: bool = False


UNREADABLE = PayloadCondition(path="", match=PayloadMatch.ANY, value=[])
"""Stands for conditions that cannot be read: equal to any of no values, which nothing is."""


def dump_conditions(conditions: Sequence[PayloadCondition]) -> str:
    """Write conditions as they are stored: JSON text, the same for equal ones."""
    stored = [vars(each) for each in conditions]
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def load_conditions(text: str) -> tuple[PayloadCondition, ...]:
    """Read what `dump_conditions` wrote.

    Raises:
        ValueError: The text is something else, which takes a row that was changed by hand.
    """
    try:
        stored = json.loads(text)
    except RecursionError:
        raise ValueError("The text is nested too deeply.") from None
    match stored:
        case list():
            return tuple(map(_condition, stored))
        case _:
            raise ValueError("The text holds no list.")


def readable_conditions(text: str) -> tuple[PayloadCondition, ...]:
    """Read conditions as they are shown: `UNREADABLE` if they are not what was written."""
    try:
        return load_conditions(text)
    except ValueError:
        return (UNREADABLE,)


def _condition(stored: JsonValue) -> PayloadCondition:
    match stored:
        case {"path": str(path), "match": str(how), "value": value, "negate": bool(negate), **rest}:
            if not rest:
                return PayloadCondition(
                    path=path, match=PayloadMatch(how), value=value, negate=negate
                )
    raise ValueError("The list holds something that is no condition.")
