"""From a class's annotations to its fields, refusing at definition what JSON cannot hold."""

from __future__ import annotations

import dataclasses
import enum
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from events.errors import InvalidEventClass
from events.fields import Choice, Field, FieldType, ListOf, Nullable, ObjectOf
from events.scalars import SCALARS

_SUPPORTED = (
    "str, int, float, bool, datetime, date, UUID, Decimal, an Enum, a Literal, a list, a dataclass "
    "of such fields, and any of these or None"
)


def read_fields(cls: type, *, within: tuple[type, ...] = ()) -> ObjectOf:
    """Return the fields of a dataclass as a tree of field types.

    A field's description is the text in `Annotated[…, "text"]`, or `metadata={"description": …}`.

    Raises `InvalidEventClass`, naming the class and the field, for a type that is not supported.
    """
    if cls in within:
        raise InvalidEventClass(f"{cls.__qualname__} contains itself; a payload must have an end.")
    try:
        hints = get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise InvalidEventClass(
            f"{cls.__qualname__}: {error}. Import the name at the top of the module, not only "
            f"under TYPE_CHECKING."
        ) from None
    fields = tuple(
        _read_field(cls, field, hints[field.name], within=(*within, cls))
        for field in dataclasses.fields(cls)
    )
    return ObjectOf(python_type=cls, fields=fields)


def _read_field(
    cls: type, field: dataclasses.Field[Any], hint: Any, *, within: tuple[type, ...]
) -> Field:
    description = field.metadata.get("description", "")
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        description = next((note for note in notes if isinstance(note, str)), description)
    found = _field_type(hint, within=within)
    if found is None:
        raise InvalidEventClass(
            f"{cls.__qualname__}.{field.name} is annotated {hint!r}, which an event cannot hold. "
            f"Use {_SUPPORTED}."
        )
    has_default = (
        field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    )
    return Field(name=field.name, type=found, description=description, is_required=not has_default)


def _field_type(hint: Any, *, within: tuple[type, ...]) -> FieldType | None:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _field_type(arguments[0], within=within)
    if origin in (Union, types.UnionType):
        return _optional(arguments, within=within)
    if origin is list:
        inner = _field_type(arguments[0], within=within)
        return inner and ListOf(inner=inner)
    if origin is Literal:
        return _choice("Literal", {value: value for value in arguments})
    return _plain_type(hint, within=within) if isinstance(hint, type) else None


def _plain_type(hint: type, *, within: tuple[type, ...]) -> FieldType | None:
    if issubclass(hint, enum.Enum):
        return _choice(hint.__name__, {member.value: member for member in hint})
    if dataclasses.is_dataclass(hint):
        return read_fields(hint, within=within)
    return SCALARS.get(hint)


def _optional(arguments: tuple[Any, ...], *, within: tuple[type, ...]) -> FieldType | None:
    others = [argument for argument in arguments if argument is not types.NoneType]
    if len(others) != 1 or len(others) == len(arguments):
        return None
    inner = _field_type(others[0], within=within)
    return inner and Nullable(inner=inner)


def _choice(name: str, members: dict[Any, object]) -> FieldType | None:
    is_plain = members and len({type(value) for value in members}) == 1
    if not is_plain or type(next(iter(members))) not in (str, int):
        return None
    return Choice(name=name, members=members)
