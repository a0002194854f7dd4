"""One option's value: what is wrong with it, and its two forms, Python's and JSON's."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from delivery.options.option import Option, OptionError, OptionErrorCode, OptionKind
from events.fields import JsonValue
from events.texts import is_storable

_JSON_TYPES: Mapping[OptionKind, tuple[type, ...]] = {
    OptionKind.INTEGER: (int,),
    OptionKind.NUMBER: (int, float),
    OptionKind.TEXT: (str,),
    OptionKind.BOOLEAN: (bool,),
    OptionKind.SECONDS: (int,),
    OptionKind.SECONDS_LIST: (list, tuple),
}

_LONGEST_SHOWN_NUMBER = 1e15


def problems(option: Option, value: JsonValue, *, path: tuple[str, ...]) -> Iterator[OptionError]:
    """Find what keeps `value`, in its stored form, from being a value of `option`."""
    if not _is_of_kind(option.kind, value):
        yield OptionError(
            path=path,
            code=OptionErrorCode.INVALID,
            message=f"{'.'.join(path)} must be {option.kind.value}, not {_shown(value)}.",
        )
    elif isinstance(value, (list, tuple)):
        yield from _length_problems(option, len(value), path=path, unit="entries")
        for position, entry in enumerate(value):
            yield from problems(entry_of(option), entry, path=(*path, str(position)))
    elif isinstance(value, str):
        yield from _length_problems(option, len(value), path=path, unit="characters")
        yield from _character_problems(value, path=path)
    elif isinstance(value, (int, float)):
        yield from _bound_problems(option, value, path=path)


def entry_of(option: Option) -> Option:
    """Give the option that each entry of a list option is."""
    return replace(option, kind=OptionKind.SECONDS)


def load(kind: OptionKind, value: Any) -> Any:
    """Turn a stored value without problems into the field's own type."""
    match kind:
        case OptionKind.NUMBER:
            return float(value)
        case OptionKind.SECONDS:
            return timedelta(seconds=value)
        case OptionKind.SECONDS_LIST:
            return tuple(timedelta(seconds=entry) for entry in value)
        case _:
            return value


def dump(value: Any) -> Any:
    """Turn a field's value into its stored form; a fraction of a second is left for `problems`."""
    match value:
        case timedelta():
            seconds = value.total_seconds()
            return int(seconds) if seconds.is_integer() else seconds
        case tuple():
            return [dump(entry) for entry in value]
        case _:
            return value


def _is_of_kind(kind: OptionKind, value: JsonValue) -> bool:
    # Python counts a bool as an int; JSON and GraphQL do not.
    is_meant_as_bool = kind is OptionKind.BOOLEAN
    return isinstance(value, bool) == is_meant_as_bool and isinstance(value, _JSON_TYPES[kind])


def _length_problems(
    option: Option, length: int, *, path: tuple[str, ...], unit: str
) -> Iterator[OptionError]:
    if option.min_length is None or option.max_length is None:
        return
    if not option.min_length <= length <= option.max_length:
        yield OptionError(
            path=path,
            code=OptionErrorCode.OUT_OF_RANGE,
            message=f"{'.'.join(path)} must have from {option.min_length} to "
            f"{option.max_length} {unit}, not {length}.",
        )


def _character_problems(text: str, *, path: tuple[str, ...]) -> Iterator[OptionError]:
    if not is_storable(text):
        yield OptionError(
            path=path,
            code=OptionErrorCode.INVALID,
            message=f"{'.'.join(path)} must not contain a NUL character or half of a surrogate "
            "pair. Remove it.",
        )


def _bound_problems(
    option: Option, value: float, *, path: tuple[str, ...]
) -> Iterator[OptionError]:
    if option.minimum is None or option.maximum is None:
        return
    # Asked in this way round, "not a number" is out of bounds as well.
    if not option.minimum <= value <= option.maximum:
        yield OptionError(
            path=path,
            code=OptionErrorCode.OUT_OF_RANGE,
            message=f"{'.'.join(path)} must be from {option.minimum} to {option.maximum}, "
            f"not {_shown(value)}.",
        )


def _shown(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            # Python refuses to print integers of thousands of digits.
            is_short = abs(value) < _LONGEST_SHOWN_NUMBER
            return str(value) if is_short else "a number of that size"
        case str():
            return "a text"
        case Mapping():
            return "an object"
        case _:
            return "a list"
