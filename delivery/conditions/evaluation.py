"""Trying conditions on payloads: compiled once, then asked for every event."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, cast

from delivery.conditions.condition import PayloadCondition, PayloadMatch, load_conditions
from delivery.conditions.patterns import is_found
from delivery.conditions.readers import (
    DAY,
    DECIMAL,
    MOMENT,
    NUMBER,
    PLAIN,
    Comparable,
    Reader,
    reader_of,
)
from delivery.conditions.rules import compared_type, matches_of
from events.event import Event, event_types
from events.fields import JsonValue, ListOf
from events.payload_fields import PayloadField, payload_fields

logger = logging.getLogger(__name__)

Holds: TypeAlias = Callable[[JsonValue], bool]


@dataclass(frozen=True)
class CompiledConditions:
    """Conditions of one subscription, ready to be tried on payloads. Neither method raises."""

    _tests: tuple[Holds, ...]

    def results(self, payload: JsonValue) -> list[bool]:
        """Return what each condition comes to, in order."""
        return [test(payload) for test in self._tests]

    def are_met(self, payload: JsonValue) -> bool:
        """Return whether all conditions hold. It is so where there are none."""
        return all(test(payload) for test in self._tests)


def compile_conditions(event_type: str, conditions_text: str) -> CompiledConditions:
    """Return the conditions that `dump_conditions` wrote, ready to be tried.

    Never raises. What the event class does not have any more is compared as plain JSON. A text
    that cannot be read is logged, and stands for a condition that nothing meets.
    """
    declared = event_types.find(event_type)
    # By its class, because tests may declare another one under the same name.
    return _compile(cast("type | None", declared and declared.event_class), conditions_text)


@lru_cache(maxsize=2_048)
def _compile(event_class: type | None, conditions_text: str) -> CompiledConditions:
    fields = _fields(event_class)
    try:
        conditions = load_conditions(conditions_text)
        return CompiledConditions(tuple(_test(each, fields.get(each.path)) for each in conditions))
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
        logger.exception("Conditions cannot be read and are not met: %.200s", conditions_text)
        return CompiledConditions((_never,))


@lru_cache(maxsize=256)
def _fields(event_class: type | None) -> Mapping[str, PayloadField]:
    if event_class is None or not issubclass(event_class, Event):
        return {}
    declared = event_class.__event_type__.fields
    return {field.path: field for field in payload_fields(declared)}


def _test(condition: PayloadCondition, field: PayloadField | None) -> Holds:
    keys = condition.path.split(".")
    is_comparable = field is not None and condition.match in matches_of(field)
    holds = _comparison(condition, field if is_comparable else None)
    # Whatever cannot be compared does not match, so that its opposite does.
    wanted = not condition.negate
    return lambda payload: holds(_value_at(payload, keys)) is wanted


def _value_at(payload: JsonValue, keys: list[str]) -> JsonValue:
    for key in keys:
        if not isinstance(payload, dict):
            return None
        payload = payload.get(key)
    return payload


def _comparison(condition: PayloadCondition, field: PayloadField | None) -> Holds:
    """Return the test of what is found; no field stands for one that the class does not have."""
    match, value = condition.match, condition.value
    reader = _reader(match, value, field)
    match match:
        case PayloadMatch.EXISTS:
            return lambda found: (found is not None) is value
        case PayloadMatch.IS:
            return _equal_to_any([value], reader)
        case PayloadMatch.ANY:
            return _equal_to_any(value if isinstance(value, list) else [], reader)
        case PayloadMatch.GREATER_THAN | PayloadMatch.LESS_THAN:
            return _in_order(value, reader, is_greater=match is PayloadMatch.GREATER_THAN)
        case PayloadMatch.CONTAINS:
            return _contains(value, reader, field)
        case _:
            return _of_text(match, value)


def _reader(match: PayloadMatch, value: JsonValue, field: PayloadField | None) -> Reader:
    if field is not None:
        return reader_of(compared_type(field, match)) or PLAIN
    if match in (PayloadMatch.GREATER_THAN, PayloadMatch.LESS_THAN):
        # The class does not say any more what the value stands for, but its form does.
        able = (reader for reader in _ORDERED if reader.read(value) is not None)
        return next(able, NUMBER)
    return PLAIN


_ORDERED = (NUMBER, DECIMAL, DAY, MOMENT)


def _equal_to_any(values: list[JsonValue], reader: Reader) -> Holds:
    read = reader.read
    wanted = frozenset(map(read, values)) - {None}
    return lambda found: read(found) in wanted


def _in_order(value: JsonValue, reader: Reader, *, is_greater: bool) -> Holds:
    bound = reader.read(value)

    def holds(found: JsonValue) -> bool:
        known: Comparable | None = reader.read(found)
        if known is None or bound is None:
            return False
        return bool(known > bound if is_greater else known < bound)

    return holds


def _contains(value: JsonValue, reader: Reader, field: PayloadField | None) -> Holds:
    member = reader.read(value)

    def has_member(found: JsonValue) -> bool:
        if member is None or not isinstance(found, list):
            return False
        return any(reader.read(item) == member for item in found)

    def has_part(found: JsonValue) -> bool:
        return isinstance(found, str) and isinstance(value, str) and value in found

    if field is None:
        return lambda found: has_member(found) or has_part(found)
    return has_member if isinstance(field.type, ListOf) else has_part


def _of_text(match: PayloadMatch, value: JsonValue) -> Holds:
    if not isinstance(value, str):
        return _never
    tests: dict[PayloadMatch, Callable[[str], bool]] = {
        PayloadMatch.STARTS_WITH: lambda text: text.startswith(value),
        PayloadMatch.ENDS_WITH: lambda text: text.endswith(value),
        PayloadMatch.LIKE: lambda text: is_found(value, text),
    }
    holds = tests[match]
    return lambda found: isinstance(found, str) and holds(found)


def _never(_: JsonValue) -> bool:
    return False
