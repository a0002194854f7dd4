"""The plain field types: texts, numbers, moments and the like, and how JSON holds them."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from events.fields import FieldKind, FieldType, JsonValue, Path, misfit


@dataclass(frozen=True, kw_only=True)
class Scalar(FieldType):
    """One of the plain types, held by a single JSON text, number or boolean."""

    python_type: type
    holds: FieldKind
    expected: str
    to_json: Callable[[Any], JsonValue]
    from_json: Callable[[Any], object]

    @property
    def kind(self) -> FieldKind:
        """What the field holds."""
        return self.holds

    def encode(self, value: object, path: Path) -> JsonValue:
        """Return the JSON value; subclasses such as `bool` for `int` are refused."""
        if type(value) is not self.python_type and not self._is_harmless(value):
            raise misfit(self.expected, value, path)
        try:
            return self.to_json(value)
        except (ValueError, OverflowError):
            raise misfit(self.expected, value, path) from None

    def decode(self, value: JsonValue, path: Path) -> object:
        """Return the Python value."""
        try:
            return self.from_json(value)
        except (TypeError, ValueError, ArithmeticError):
            raise misfit(self.expected, value, path) from None

    def _is_harmless(self, value: object) -> bool:
        # A subclass of str (a text marked safe) or an int for a float is what its author meant;
        # True for a whole number, or a moment for a day, rarely is.
        if self.python_type is float:
            return type(value) is int
        lookalikes = (enum.Enum, *_LOOKALIKES.get(self.python_type, ()))
        return isinstance(value, self.python_type) and not isinstance(value, lookalikes)


_LOOKALIKES: Mapping[type, tuple[type, ...]] = {int: (bool,), date: (datetime,)}


def _text(value: str) -> str:
    value.encode()  # A lone surrogate has no UTF-8 form: UnicodeEncodeError is a ValueError.
    return str(value)


def _whole(value: int) -> int:
    str(value)  # Python writes no number of more than 4300 digits, and reads none: a ValueError.
    return int(value)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(value)
    return value


def _exactly(*types: type) -> Callable[[Any], Any]:
    def same(value: object) -> object:
        if type(value) not in types:
            raise TypeError(value)
        return value

    return same


def _moment_to_json(value: datetime) -> str:
    if value.utcoffset() is None:
        raise ValueError(value)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment_from_json(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.utcoffset() is None:
        raise ValueError(value)
    return moment


def _number_from_json(value: float) -> float:
    return _finite(float(_exactly(int, float)(value)))


def _decimal_to_json(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(value)
    return str(value)


def _decimal_from_json(value: str) -> Decimal:
    number = Decimal(_exactly(str)(value))
    _decimal_to_json(number)
    return number


def _scalar(
    python_type: type,
    holds: FieldKind,
    expected: str,
    to_json: Callable[[Any], JsonValue],
    from_json: Callable[[Any], object],
) -> Scalar:
    return Scalar(
        python_type=python_type,
        holds=holds,
        expected=expected,
        to_json=to_json,
        from_json=from_json,
    )


SCALARS: Mapping[type, Scalar] = {
    scalar.python_type: scalar
    for scalar in (
        _scalar(str, FieldKind.STRING, "a text", _text, lambda v: _text(_exactly(str)(v))),
        _scalar(int, FieldKind.INTEGER, "a whole number", _whole, _exactly(int)),
        _scalar(float, FieldKind.NUMBER, "a finite number", _finite, _number_from_json),
        _scalar(bool, FieldKind.BOOLEAN, "true or false", bool, _exactly(bool)),
        _scalar(
            datetime,
            FieldKind.DATETIME,
            "a moment with a UTC offset",
            _moment_to_json,
            _moment_from_json,
        ),
        _scalar(date, FieldKind.DATE, "a day", date.isoformat, date.fromisoformat),
        _scalar(UUID, FieldKind.UUID, "a UUID", str, lambda v: UUID(_exactly(str)(v))),
        _scalar(
            Decimal, FieldKind.STRING, "a decimal number", _decimal_to_json, _decimal_from_json
        ),
    )
}
