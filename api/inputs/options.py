"""Choices with options as callers make them: an input type for each class that is registered."""

from __future__ import annotations

from typing import Any, TypeVar

import strawberry

from api.types.options import OPTION_TYPES, type_name
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.options import Choice, Choices, InvalidOptions, Option, options_of, parse_options
from delivery.options.values import dump

AnyChoice = TypeVar("AnyChoice", bound=Choice)


def build_choice_input(choices: Choices[Any], *, name: str, description: str) -> type:
    """Return the input that holds exactly one of the registered classes' settings."""
    attributes: dict[str, Any] = {
        each.kind.name: strawberry.field(
            default=strawberry.UNSET, description=each.kind.description
        )
        for each in choices
    }
    attributes["__annotations__"] = {
        each.kind.name: _settings_input(each, ending=name) | None for each in choices
    }
    return strawberry.input(type(name, (), attributes), one_of=True, description=description)


def read_choice(chosen: object, choices: Choices[AnyChoice], *, path: tuple[str, ...]) -> AnyChoice:
    """Return what a caller chose; raises `Refused` with every mistake in it."""
    # GraphQL has seen to it that there is exactly one.
    name, given = next(item for item in vars(chosen).items() if item[1] is not strawberry.UNSET)
    cls = choices.get(name)
    settings = {option.key: getattr(given, option.name) for option in options_of(cls)}
    try:
        return parse_options(cls, settings)
    except InvalidOptions as invalid:
        raise Refused(
            *(
                Mistake(
                    code=ErrorCode[error.code.name],
                    message=error.message,
                    path=(*path, name, *error.path),
                )
                for error in invalid.errors
            )
        ) from None


def _settings_input(cls: type[Choice], *, ending: str) -> type:
    options = options_of(cls)
    attributes: dict[str, Any] = {option.name: _field(option) for option in options}
    attributes["__annotations__"] = {option.name: OPTION_TYPES[option.kind] for option in options}
    made = type(type_name(cls, ending), (), attributes)
    return strawberry.input(made, description=cls.kind.description)


def _field(option: Option) -> Any:
    hidden = " It is never shown again." if option.is_secret else ""
    description = f"{option.description}{hidden}"
    if option.is_required:
        return strawberry.field(name=option.key, description=description)
    return strawberry.field(
        name=option.key, description=description, default_factory=lambda: dump(option.default)
    )
