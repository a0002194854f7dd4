"""Settings, the stored form of a dataclass's options: read, written and described as a schema."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar, runtime_checkable

from delivery.options.declaration import options_of
from delivery.options.option import (
    InvalidOptions,
    Option,
    OptionError,
    OptionErrorCode,
    OptionKind,
)
from delivery.options.values import dump, entry_of, load, problems
from events.fields import JsonValue

T = TypeVar("T")

_SCHEMA_TYPES: Mapping[OptionKind, str] = {
    OptionKind.INTEGER: "integer",
    OptionKind.NUMBER: "number",
    OptionKind.TEXT: "string",
    OptionKind.BOOLEAN: "boolean",
    OptionKind.SECONDS: "integer",
    OptionKind.SECONDS_LIST: "array",
}


@runtime_checkable
class Validated(Protocol):
    """A dataclass of options with rules across its fields."""

    def validate(self) -> Iterable[OptionError]:
        """Find what is wrong though each option by itself is right; paths begin with a key."""


def parse_options(cls: type[T], settings: Mapping[str, JsonValue]) -> T:
    """Make an instance of a dataclass of options from settings as they are stored or sent.

    What is left out gets its default.

    Raises:
        InvalidOptions: Something is missing, unknown or wrong; it tells of everything at once.
    """
    options = options_of(cls)
    errors = [*_unknown_keys(options, settings)]
    for option in options:
        errors += _setting_problems(option, settings)
    if errors:
        raise InvalidOptions(errors)
    instance = cls(
        **{
            option.name: load(option.kind, settings[option.key])
            for option in options
            if option.key in settings
        }
    )
    if isinstance(instance, Validated) and (errors := list(instance.validate())):
        raise InvalidOptions(errors)
    return instance


def dump_options(instance: object) -> dict[str, JsonValue]:
    """Write the options of a dataclass's instance as settings that `parse_options` reads back.

    Raises:
        InvalidOptions: The instance holds something that could not be read back.
    """
    settings = {
        option.key: dump(getattr(instance, option.name)) for option in options_of(type(instance))
    }
    parse_options(type(instance), settings)
    return settings


def options_schema(cls: type) -> dict[str, JsonValue]:
    """Describe the settings of a dataclass of options by JSON Schema, draft 2020-12.

    Rules across options are not part of it.
    """
    options = options_of(cls)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {option.key: _described(option) for option in options},
        "required": [option.key for option in options if option.is_required],
        "additionalProperties": False,
    }


def _unknown_keys(
    options: tuple[Option, ...], settings: Mapping[str, JsonValue]
) -> Iterator[OptionError]:
    known = [option.key for option in options]
    for key in settings:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            cure = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."
            yield OptionError(
                path=(key,),
                code=OptionErrorCode.INVALID,
                message=f"{key} is not an option. {cure}",
            )


def _setting_problems(option: Option, settings: Mapping[str, JsonValue]) -> Iterator[OptionError]:
    if option.key in settings:
        yield from problems(option, settings[option.key], path=(option.key,))
    elif option.is_required:
        yield OptionError(
            path=(option.key,),
            code=OptionErrorCode.REQUIRED,
            message=f"{option.key} is missing. Give {option.kind.value}.",
        )


def _described(option: Option) -> dict[str, JsonValue]:
    schema = {"description": option.description, **_constraints(option)}
    return schema if option.is_required else {**schema, "default": dump(option.default)}


def _constraints(option: Option) -> dict[str, Any]:
    kind = _SCHEMA_TYPES[option.kind]
    match option.kind:
        case OptionKind.SECONDS_LIST:
            lengths = {"minItems": option.min_length, "maxItems": option.max_length}
            return {"type": kind, "items": _constraints(entry_of(option)), **lengths}
        case OptionKind.TEXT:
            return {"type": kind, "minLength": option.min_length, "maxLength": option.max_length}
        case OptionKind.BOOLEAN:
            return {"type": kind}
        case _:
            return {"type": kind, "minimum": option.minimum, "maximum": option.maximum}
