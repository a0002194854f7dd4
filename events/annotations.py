"""From a class's annotations to its fields, refusing at definition what JSON cannot hold."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from events.errors import InvalidEventClass
from events.fields import Choice, Field, FieldType, ListOf, Nullable, ObjectOf
from events.names import FIELD_NAME_RULE, camel_case, is_field_name
from events.scalars import SCALARS

_SUPPORTED = (
    "str, int, float, bool, datetime, date, UUID, Decimal, an Enum or a Literal of whole numbers "
    "or of texts that UTF-8 can hold, a list, a dataclass of such fields, and any of these or None"
)
_UNIONS = (Union, types.UnionType)
# With two underscores it would be GraphQL's own.
_CLASS_NAME = re.compile(r"(?!__)[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True)
class Deprecated:
    """Tells receivers not to use a field any more, and what to use instead; it is still sent.

    colour: Annotated[str, "The first of its colours.", Deprecated("Use colours.")]
    """

    reason: str


def read_fields(cls: type, *, within: tuple[type, ...] = ()) -> ObjectOf:
    """Return the fields of a dataclass as a tree of field types.

    A field's description is the text in `Annotated[…, "text"]`, or `metadata={"description": …}`.

    Raises `InvalidEventClass`, naming the class and the field, for a type that is not supported, a
    name that GraphQL cannot carry, a deprecation without a reason, and a field that cannot be given
    to the class.
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
    _check_names(cls)
    _check_making(cls)
    fields = tuple(
        _read_field(cls, field, hints[field.name], within=(*within, cls))
        for field in dataclasses.fields(cls)
    )
    return ObjectOf(python_type=cls, fields=fields)


def _check_names(cls: type) -> None:
    by_key: dict[str, str] = {}
    for name in _field_names(cls):
        if not is_field_name(name):
            raise InvalidEventClass(
                f"{cls.__qualname__}.{name} cannot have this name in GraphQL. Rename it: "
                f"{FIELD_NAME_RULE}."
            )
        key = camel_case(name)
        if key in by_key:
            raise InvalidEventClass(
                f"{cls.__qualname__}.{by_key[key]} and {cls.__qualname__}.{name} would both be "
                f"{key} in GraphQL. Rename one of them."
            )
        by_key[key] = name


def _check_making(cls: type) -> None:
    # A payload is read by giving the class each field by name; one that could be written and not
    # read would be found out long after it was sent.
    try:
        inspect.signature(cls).bind(**dict.fromkeys(_field_names(cls)))
    except TypeError as error:
        raise InvalidEventClass(
            f"{cls.__qualname__} cannot be made of its fields: {error}. Do without init=False, "
            f"InitVar and an __init__ of its own."
        ) from None


def _field_names(cls: Any) -> list[str]:  # Any: the type of dataclasses is private to typeshed.
    return [field.name for field in dataclasses.fields(cls)]


def _read_field(
    cls: type, field: dataclasses.Field[Any], hint: Any, *, within: tuple[type, ...]
) -> Field:
    found = _field_type(hint, within=within)
    if found is None:
        raise InvalidEventClass(
            f"{cls.__qualname__}.{field.name} is annotated {hint!r}, which an event cannot hold. "
            f"Use {_SUPPORTED}."
        )
    has_default = (
        field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    )
    notes = list(_notes(hint))
    texts = [note for note in notes if isinstance(note, str)]
    texts.append(field.metadata.get("description", ""))
    return Field(
        name=field.name,
        type=found,
        description=next(filter(None, texts), ""),
        is_required=not has_default,
        deprecation_reason=_reason(notes, where=f"{cls.__qualname__}.{field.name}"),
    )


def _notes(hint: Any) -> Iterator[object]:
    """Give what `Annotated` says of a hint, the outermost first."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from arguments[1:]
        yield from _notes(arguments[0])
    if origin in _UNIONS:
        for argument in arguments:
            yield from _notes(argument)


def _reason(notes: Sequence[object], *, where: str) -> str | None:
    for note in notes:
        if isinstance(note, Deprecated):
            return check_reason(note.reason, where=where)
        if note is Deprecated:
            return check_reason(None, where=where)
    return None


def check_reason(reason: object, *, where: str) -> str:
    """Return the reason of a deprecation, or raise `InvalidEventClass` if it says nothing."""
    if not isinstance(reason, str) or not reason.strip():
        raise InvalidEventClass(
            f"{where} is deprecated for the reason {reason!r}, which tells nobody what to do. Say "
            f"what to use instead, such as 'Use total.'"
        )
    return reason


def _field_type(hint: Any, *, within: tuple[type, ...]) -> FieldType | None:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _field_type(arguments[0], within=within)
    if origin in _UNIONS:
        return _optional(arguments, within=within)
    if origin is list and arguments:
        inner = _field_type(arguments[0], within=within)
        return inner and ListOf(inner=inner)
    if origin is Literal:
        return _choice("Literal", values=arguments, members=arguments)
    return _plain_type(hint, within=within) if isinstance(hint, type) else None


def _plain_type(hint: type, *, within: tuple[type, ...]) -> FieldType | None:
    if issubclass(hint, enum.Enum):
        _check_class_name(hint)
        values = [member.value for member in hint]
        return _choice(hint.__name__, values=values, members=list(hint))
    if dataclasses.is_dataclass(hint):
        _check_class_name(hint)
        return read_fields(hint, within=within)
    return SCALARS.get(hint)


def _check_class_name(cls: type) -> None:
    if not _CLASS_NAME.fullmatch(cls.__name__):
        raise InvalidEventClass(
            f"{cls.__module__}.{cls.__qualname__} cannot be a type of this name in GraphQL. "
            f"Rename it with ASCII letters and digits."
        )


def _optional(arguments: tuple[Any, ...], *, within: tuple[type, ...]) -> FieldType | None:
    others = [argument for argument in arguments if argument is not types.NoneType]
    if len(others) != 1 or len(others) == len(arguments):
        return None
    inner = _field_type(others[0], within=within)
    return inner and Nullable(inner=inner)


def _choice(name: str, *, values: Sequence[Any], members: Sequence[object]) -> FieldType | None:
    # Looked at before they are keys, for 1 and True are the same key.
    if {type(value) for value in values} not in ({str}, {int}):
        return None
    if not all(_is_writable(value) for value in values):
        return None
    return Choice(name=name, members=dict(zip(values, members, strict=True)))


def _is_writable(value: str | int) -> bool:
    try:
        str(value).encode()  # A lone surrogate has no UTF-8 form.
    except ValueError:
        return False
    return True
