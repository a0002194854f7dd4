"""How values of a payload are read, so that they are compared as what they stand for.

A reader takes any JSON value. It returns what can be compared with what it made of another, or None
for a value that is not of its type. The same one reads a payload and the value of a condition.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from events.errors import InvalidPayload
from events.fields import Choice, FieldKind, FieldType, JsonValue
from events.scalars import SCALARS, Scalar

# Any: each reader has a type of its own, which is only ever compared with itself.
Comparable: TypeAlias = Any


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads values of one type; `expected` tells people which."""

    expected: str
    read: Callable[[JsonValue], Comparable | None]


def reader_of(of: FieldType) -> Reader | None:
    """Return the reader for a type of field, None for lists and objects, which are not compared."""
    match of:
        case Choice():
            return WHOLE if of.kind is FieldKind.INTEGER else TEXT
        case Scalar():
            return _BY_TYPE.get(of.python_type)
        case _:
            return None


def _text(value: JsonValue) -> Comparable | None:
    return value if isinstance(value, str) else None


def _boolean(value: JsonValue) -> Comparable | None:
    return value if isinstance(value, bool) else None


def _number(value: JsonValue) -> Comparable | None:
    # True is 1 to Python, and infinities are numbers to its JSON.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def _whole(value: JsonValue) -> Comparable | None:
    # JSON has one kind of number: 1.0 is 1.
    number = _number(value)
    return None if isinstance(number, float) and not number.is_integer() else number


def _plain(value: JsonValue) -> Comparable | None:
    """Read what nothing is known of: any text, number or boolean, as JSON tells them apart."""
    for read in (_text, _boolean, _number):
        if (found := read(value)) is not None:
            return read.__name__, found
    return None


def _decoded(python_type: type) -> Callable[[JsonValue], Comparable | None]:
    scalar = SCALARS[python_type]

    def read(value: JsonValue) -> Comparable | None:
        try:
            return scalar.decode(value, ())
        except InvalidPayload:
            return None

    return read


TEXT = Reader(expected="a text", read=_text)
BOOLEAN = Reader(expected="true or false", read=_boolean)
WHOLE = Reader(expected="a whole number", read=_whole)
NUMBER = Reader(expected="a number", read=_number)
DECIMAL = Reader(expected='a decimal number as a text, such as "12.50"', read=_decoded(Decimal))
MOMENT = Reader(
    expected='a moment with an offset, such as "2026-01-02T03:04:05Z"', read=_decoded(datetime)
)
DAY = Reader(expected='a day, such as "2026-01-02"', read=_decoded(date))
IDENTIFIER = Reader(expected="a UUID", read=_decoded(UUID))
PLAIN = Reader(expected="a text, a number, true or false", read=_plain)

_BY_TYPE: Mapping[type, Reader] = {
    str: TEXT,
    bool: BOOLEAN,
    int: WHOLE,
    float: NUMBER,
    Decimal: DECIMAL,
    datetime: MOMENT,
    date: DAY,
    UUID: IDENTIFIER,
}
