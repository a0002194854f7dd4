"""An event with a field of every type, and a plain evaluator to compare ours with."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from delivery.conditions import PayloadCondition, PayloadMatch
from events import Event
from events.event import EventType, event_types
from events.fields import JsonValue


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Part:
    label: str
    weight: float | None = None


with event_types.scratch():

    class Sampled(Event, name="sample.taken"):
        """A sample of everything was taken."""

        text: str
        maybe: str | None
        whole: int
        number: float
        flag: bool
        moment: datetime
        day: date
        identifier: UUID
        amount: Decimal
        colour: Colour
        level: Literal[1, 2]
        part: Part | None
        tags: list[str]
        counts: list[int | None]
        parts: list[Part]


SAMPLED: EventType = Sampled.__event_type__

KINDS = {
    "text": str,
    "maybe": str,
    "part.label": str,
    "whole": int,
    "number": float,
    "part.weight": float,
    "flag": bool,
    "moment": datetime,
    "day": date,
    "identifier": UUID,
    "amount": Decimal,
    "colour": Colour,
    "level": Literal,
    "tags": list,
    "counts": list,
}
"""What the fields hold that have a value to compare."""

_ORDERED = ["is", "any", "greater_than", "less_than", "exists"]
MATCHES: dict[object, list[str]] = {
    str: ["is", "any", "starts_with", "ends_with", "contains", "like", "exists"],
    list: ["contains", "exists"],
    **{kind: ["is", "any", "exists"] for kind in (bool, UUID, Colour, Literal)},
    int: _ORDERED,
    float: _ORDERED,
    Decimal: _ORDERED,
    datetime: _ORDERED,
    date: _ORDERED,
}


@contextmanager
def registered() -> Iterator[None]:
    """Register the event for as long as this lasts."""
    with event_types.scratch():
        event_types.register(SAMPLED.name, SAMPLED)
        yield


def expected(condition: PayloadCondition, payload: JsonValue) -> bool:
    """Return what a condition that is allowed comes to, found in the plainest way."""
    found: Any = payload
    for key in condition.path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return _matches(condition, found) != condition.negate


def _matches(condition: PayloadCondition, found: Any) -> bool:
    kind, value = KINDS[condition.path], condition.value
    match condition.match:
        case PayloadMatch.EXISTS:
            return (found is not None) == value
        case PayloadMatch.ANY:
            assert isinstance(value, list)
            return any(_is(kind, found, each) for each in value)
        case PayloadMatch.IS:
            return _is(kind, found, value)
        case PayloadMatch.CONTAINS if kind is list:
            member = int if condition.path == "counts" else str
            return isinstance(found, list) and any(_is(member, each, value) for each in found)
        case PayloadMatch.GREATER_THAN | PayloadMatch.LESS_THAN as match:
            pair = (value, found) if match is PayloadMatch.GREATER_THAN else (found, value)
            return _is_less(kind, *pair)
        case _:
            return isinstance(found, str) and _TEXT[condition.match.value](found, value)


_TEXT: dict[str, Any] = {
    "starts_with": lambda text, value: text[: len(value)] == value,
    "ends_with": lambda text, value: text[len(text) - len(value) :] == value,
    "contains": lambda text, value: value in text,
    "like": lambda text, value: bool(re.search(value, text)),
}


def _is_less(kind: object, one: Any, other: Any) -> bool:
    less, more = _worth(kind, one), _worth(kind, other)
    return less is not None and more is not None and bool(less < more)


def _is(kind: object, found: Any, value: Any) -> bool:
    ours, theirs = _worth(kind, found), _worth(kind, value)
    return ours is not None and type(ours) is type(theirs) and bool(ours == theirs)


def _worth(kind: object, value: Any) -> Any:
    """Return what a JSON value stands for in a field of a kind, None if it cannot be there."""
    try:
        match kind:
            case _ if kind in (str, Colour):
                return value if isinstance(value, str) else None
            case _ if kind is bool:
                return value if isinstance(value, bool) else None
            case _ if kind in (int, float, Literal):
                if isinstance(value, bool) or not isinstance(value, int | float):
                    return None
                return Decimal(value) if kind is float or value == int(value) else None
            case _ if isinstance(value, str):
                return _parsed(kind, value)
    except (ValueError, ArithmeticError):
        pass
    return None


def _parsed(kind: object, value: str) -> Any:
    if kind is Decimal:
        number = Decimal(value)
        return number if number.is_finite() else None
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        return moment if moment.utcoffset() is not None else None
    return date.fromisoformat(value) if kind is date else UUID(value)
