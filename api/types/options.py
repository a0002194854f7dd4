"""Choices with options as objects of the schema: a type for each class that is registered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import strawberry

from delivery.options import Choice, Option, OptionKind, dump_options, options_of

OPTION_TYPES: Mapping[OptionKind, Any] = {
    OptionKind.INTEGER: int,
    OptionKind.NUMBER: float,
    OptionKind.TEXT: str,
    OptionKind.BOOLEAN: bool,
    OptionKind.SECONDS: int,
    OptionKind.SECONDS_LIST: list[int],
}

_HIDDEN = "•••"
_HINT_LENGTH = 4
# Of anything shorter, the last characters would be too large a part.
_SHORTEST_WITH_HINT = 12


def object_type(chosen: type[Choice], *, interface: type, leave_out: Collection[str] = ()) -> type:
    """Return the object type of a registered class: what every one shows, and its options.

    Of what is secret it shows the last characters at most. `leave_out` names options.
    """
    fields = {
        name: field
        for option in options_of(chosen)
        if option.name not in leave_out
        for name, field in _fields(option).items()
    }
    attributes = {
        "__doc__": chosen.__doc__,
        "is_type_of": classmethod(lambda _, found, __: type(found) is chosen),
        **fields,
    }
    made = type(type_name(chosen, interface.__name__), (interface,), attributes)
    return strawberry.type(made, description=chosen.kind.description)


def type_name(chosen: type[Choice], ending: str) -> str:
    """Return a name for a type of a registered class, such as `FixedRetryPolicy`."""
    name = chosen.kind.name
    return f"{name[0].upper()}{name[1:]}{ending}"


def _fields(option: Option) -> dict[str, Any]:
    if option.secret is None:
        return {option.name: _field(option)}
    return {f"{option.name}_hint": _hint(option)} if option.secret.hint else {}


def _field(option: Option) -> Any:
    def setting(root: Any) -> Any:
        return dump_options(root)[option.key]

    return strawberry.field(
        resolver=setting,
        name=option.key,
        graphql_type=OPTION_TYPES[option.kind],
        description=option.description,
    )


def _hint(option: Option) -> Any:
    def hint(root: Any) -> str:
        secret: str = getattr(root, option.name)
        return secret[-_HINT_LENGTH:] if len(secret) >= _SHORTEST_WITH_HINT else _HIDDEN

    return strawberry.field(
        resolver=hint,
        name=f"{option.key}Hint",
        graphql_type=str,
        description=(
            f"The last four characters of `{option.key}`, to tell it from others. `{_HIDDEN}` when "
            f"it is shorter than {_SHORTEST_WITH_HINT}."
        ),
    )
