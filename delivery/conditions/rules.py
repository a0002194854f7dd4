"""What conditions may be: which matches a field allows, and the mistakes there are to be found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from itertools import islice

from delivery.conditions.condition import PayloadCondition, PayloadMatch, dump_conditions
from delivery.conditions.patterns import MAX_PATTERN, InvalidPattern, check_pattern
from delivery.conditions.readers import BOOLEAN, PLAIN, reader_of
from delivery.errors import ErrorCode, Mistake, not_storable
from events.event import EventType
from events.fields import Choice, FieldType, JsonValue, ListOf
from events.names import camel_case
from events.payload_fields import PayloadField, allowed_values, payload_fields, without_null
from events.scalars import Scalar
from events.texts import is_storable

_MOST_CONDITIONS = 20
# Of all subscriptions of a webhook: to read a pattern can take some milliseconds.
_MOST_PATTERNS = 100
_MOST_VALUES = 100
_LONGEST_TEXT = 1_000
# Of all conditions of a subscription together, as they are stored.
_MOST_CHARACTERS = 10_000
_SHOWN = 80

_EXACT = (PayloadMatch.IS, PayloadMatch.ANY)
_ORDER = (*_EXACT, PayloadMatch.GREATER_THAN, PayloadMatch.LESS_THAN)
_TEXT = (
    *_EXACT,
    PayloadMatch.STARTS_WITH,
    PayloadMatch.ENDS_WITH,
    PayloadMatch.CONTAINS,
    PayloadMatch.LIKE,
)
_BY_TYPE: Mapping[type, tuple[PayloadMatch, ...]] = {
    str: _TEXT,
    int: _ORDER,
    float: _ORDER,
    Decimal: _ORDER,
    datetime: _ORDER,
    date: _ORDER,
}


def matches_of(field: PayloadField) -> tuple[PayloadMatch, ...]:
    """Return the ways in which a field can be compared."""
    return (*_comparisons(field.type), PayloadMatch.EXISTS)


def _comparisons(of: FieldType) -> tuple[PayloadMatch, ...]:
    match of:
        case Choice():
            return _EXACT
        case Scalar():
            return _BY_TYPE.get(of.python_type, _EXACT)
        case ListOf() if reader_of(without_null(of.inner)):
            return (PayloadMatch.CONTAINS,)
        case _:
            return ()


def compared_type(field: PayloadField, match: PayloadMatch) -> FieldType:
    """Return the type of what a field is compared by: its own, or that of a list's members."""
    if match is PayloadMatch.CONTAINS and isinstance(field.type, ListOf):
        return without_null(field.type.inner)
    return field.type


def condition_mistakes(
    event_type: EventType, conditions: Sequence[PayloadCondition], *, path: tuple[str, ...]
) -> Iterator[Mistake]:
    """Find what is wrong with the conditions of one subscription; `path` leads to their list."""
    if len(conditions) > _MOST_CONDITIONS:
        message = f"There may be {_MOST_CONDITIONS} conditions at most, not {len(conditions)}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)
        return
    fields = {field.path: field for field in payload_fields(event_type.fields)}
    mistakes = [
        mistake
        for index, condition in enumerate(conditions)
        for mistake in _mistakes(event_type, condition, fields=fields, path=(*path, str(index)))
    ]
    # What is wrong by itself is told before what is too much together.
    yield from mistakes or _size_mistakes(conditions, path=path)


def pattern_mistakes(
    conditions: Iterable[PayloadCondition], *, path: tuple[str, ...]
) -> Iterator[Mistake]:
    """Find out whether the conditions of a whole webhook have more patterns than there may be."""
    count = sum(condition.match is PayloadMatch.LIKE for condition in conditions)
    if count > _MOST_PATTERNS:
        message = (
            f"A webhook may have {_MOST_PATTERNS} conditions with a pattern at most, not {count}."
        )
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)


def _size_mistakes(
    conditions: Sequence[PayloadCondition], *, path: tuple[str, ...]
) -> Iterator[Mistake]:
    if (length := len(dump_conditions(conditions))) > _MOST_CHARACTERS:
        message = (
            f"The conditions may have {_MOST_CHARACTERS:,} characters at most as they are stored, "
            f"not {length:,}. Compare with fewer or shorter values."
        )
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)


def _mistakes(
    event_type: EventType,
    condition: PayloadCondition,
    *,
    fields: Mapping[str, PayloadField],
    path: tuple[str, ...],
) -> Iterator[Mistake]:
    field = fields.get(condition.path)
    match, at_match = condition.match, (*path, "match", condition.match.value)
    if field is None:
        message = _unknown_field(event_type, condition.path, known=list(fields))
        yield Mistake(code=ErrorCode.UNKNOWN_FIELD, message=message, path=(*path, "path"))
    elif match not in (allowed := matches_of(field)):
        message = f"{field.path} cannot be compared in this way, but by {_listed(allowed)}."
        yield Mistake(code=ErrorCode.UNSUPPORTED_MATCH, message=message, path=at_match)
    elif match is PayloadMatch.ANY:
        yield from _list_mistakes(field, condition.value, path=at_match)
    else:
        yield from _value_mistakes(field, match, condition.value, path=at_match)


def _unknown_field(event_type: EventType, path: str, *, known: Sequence[str]) -> str:
    # To look for what is alike takes time that grows with the length.
    close = get_close_matches(path[:_SHOWN], known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"The payload of {event_type.name} has no field {path[:_SHOWN]!r}.{hint}"


def _listed(matches: Sequence[PayloadMatch]) -> str:
    *others, last = (camel_case(match.value) for match in matches)
    return f"{', '.join(others)} or {last}" if others else f"{last} only"


def _list_mistakes(
    field: PayloadField, values: JsonValue, *, path: tuple[str, ...]
) -> Iterator[Mistake]:
    if not isinstance(values, list):
        message = f"{_shown(values)} is not a list of values."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=path)
        return
    if not values:
        message = "Name at least one value."
        yield Mistake(code=ErrorCode.REQUIRED, message=message, path=path)
    if len(values) > _MOST_VALUES:
        message = f"There may be {_MOST_VALUES} values at most, not {len(values)}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)
        return
    found = (
        mistake
        for index, value in enumerate(values)
        for mistake in _value_mistakes(field, PayloadMatch.ANY, value, path=(*path, str(index)))
    )
    # The first will do: what is wrong with one is mostly wrong with all.
    yield from islice(found, 1)


def _value_mistakes(
    field: PayloadField, match: PayloadMatch, value: JsonValue, *, path: tuple[str, ...]
) -> Iterator[Mistake]:
    of = compared_type(field, match)
    reader = BOOLEAN if match is PayloadMatch.EXISTS else (reader_of(of) or PLAIN)
    choices = None if match is PayloadMatch.EXISTS else allowed_values(of)
    read = reader.read(value)
    if read is None:
        message = f"{_shown(value)} is not {reader.expected}, with which {field.path} is compared."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=path)
    elif choices is not None and read not in choices:
        listed = ", ".join(map(_shown, choices))
        message = f"{_shown(value)} is no value of {field.path}. Its values are {listed}."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=path)
    elif match is PayloadMatch.LIKE:
        yield from _pattern_mistakes(str(value), path=path)
    else:
        yield from _storage_mistakes(value, path=path)


def _pattern_mistakes(pattern: str, *, path: tuple[str, ...]) -> Iterator[Mistake]:
    if len(pattern) > MAX_PATTERN:
        message = f"A pattern may have {MAX_PATTERN} characters at most, not {len(pattern)}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)
    elif not is_storable(pattern):
        yield not_storable("text", path=path)
    else:
        try:
            check_pattern(pattern)
        except InvalidPattern as error:
            message = f"This is not a pattern that can be used: {error}."
            yield Mistake(code=ErrorCode.INVALID_PATTERN, message=message, path=path)


def _storage_mistakes(value: JsonValue, *, path: tuple[str, ...]) -> Iterator[Mistake]:
    length = _length(value)
    if length is None or length > _LONGEST_TEXT:
        found = "many more" if length is None else f"{length:,}"
        message = f"A value may have {_LONGEST_TEXT:,} characters at most, not {found}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)
    elif isinstance(value, str) and not is_storable(value):
        yield not_storable("text", path=path)


def _length(value: JsonValue) -> int | None:
    try:
        return len(str(value))
    except ValueError:  # A whole number of more digits than Python writes.
        return None


def _shown(value: JsonValue) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return "This"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
