"""Payloads as objects: a type of the schema for each event class and for what it is made of."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Optional, TypeAlias, TypeGuard, Union

import strawberry
from graphql import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT

from api.types.names import is_own_name
from events.errors import InvalidEventClass, InvalidPayload
from events.event import Event, EventType, event_types
from events.fields import Choice, Field, FieldKind, FieldType, ListOf, Nullable, ObjectOf
from events.names import EMPTY_OBJECT_FIELD, data_type_name
from events.payload import decode_payload
from events.scalars import Scalar

if TYPE_CHECKING:
    from events.models import EventRecord

_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
# Any: type checkers know only enums that are written out.
_ENUM: Any = enum.Enum
# The schema has a type of its own for these; the others are texts there, as they are in JSON.
_PLAIN = (str, int, float, bool, datetime)


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """How values of some type are shown: the annotation, and what becomes of each value."""

    annotation: Any
    show: Callable[[Any], Any]


class _Types:
    """Makes the types, one for each class however often it is used."""

    def __init__(self) -> None:
        self._sources: dict[str, type] = {}
        self._made: dict[str, Any] = {}

    def payload(self, event_type: EventType) -> Any:
        """Return the object type of an event type's payload."""
        return self._object(
            event_type.fields,
            name=event_type.data_type_name,
            description=f"The payload of `{event_type.name}`.",
        )

    def _object(self, of: ObjectOf, *, name: str, description: str) -> Any:
        if self._is_new(name, of.python_type):
            fields = {field.name: self._field(field) for field in of.fields}
            matches = classmethod(lambda _, value, __: type(value) is of.python_type)
            made = type(
                name, (), {**(fields or {EMPTY_OBJECT_FIELD: _EMPTY}), "is_type_of": matches}
            )
            self._made[name] = strawberry.type(made, description=description)
        return self._made[name]

    def _field(self, field: Field) -> Any:
        shown, read = self._shown(field.type), attrgetter(field.name)

        def value(root: Any) -> Any:
            return shown.show(read(root))

        return strawberry.field(
            resolver=value,
            graphql_type=shown.annotation,
            description=field.description or f"`{field.name}` of the payload.",
            deprecation_reason=field.deprecation_reason,
        )

    def _shown(self, of: FieldType) -> _Shown:
        match of:
            case Nullable():
                inner = self._shown(of.inner)
                return _Shown(
                    annotation=Optional[inner.annotation],  # noqa: UP045 - made at run time
                    show=lambda value: None if value is None else inner.show(value),
                )
            case ListOf():
                inner = self._shown(of.inner)
                return _Shown(
                    annotation=list[inner.annotation],  # type: ignore[name-defined] # as above
                    show=lambda values: [inner.show(value) for value in values],
                )
            case ObjectOf():
                return _Shown(annotation=self._nested(of), show=_same)
            case Choice():
                return self._choice(of)
            case Scalar() if of.python_type in _PLAIN:
                return _Shown(annotation=of.python_type, show=_same)
            case _:
                return _Shown(annotation=str, show=str)

    def _nested(self, of: ObjectOf) -> Any:
        name = of.python_type.__name__
        return self._object(
            of, name=data_type_name(name), description=of.description or f"A `{name}`."
        )

    def _choice(self, of: Choice) -> _Shown:
        members = {member.name: value for value, member in of.members.items() if _is_named(member)}
        if len(members) < len(of.members):
            return _Shown(
                annotation=int if of.kind is FieldKind.INTEGER else str,
                show=lambda member: of.encode(member, ()),
            )
        source = type(next(iter(of.members.values())))
        if self._is_new(of.name, source):
            values = {
                name: strawberry.enum_value(value, description=f"`{value}` in the payload.")
                for name, value in members.items()
            }
            made = _ENUM(of.name, values)
            description = of.description or f"The values of a `{of.name}`."
            self._made[of.name] = strawberry.enum(made, description=description)
        symbols = self._made[of.name]
        return _Shown(annotation=symbols, show=lambda member: symbols[member.name])

    def _is_new(self, name: str, source: type) -> bool:
        if is_own_name(name):
            raise InvalidEventClass(
                f"{source.__module__}.{source.__qualname__} would be {name} in GraphQL, which "
                f'Hookline has a type of its own for. Rename it, an event by its name="…".'
            )
        known = self._sources.setdefault(name, source)
        if known is not source:
            raise InvalidEventClass(
                f"{known.__module__}.{known.__qualname__} and {source.__module__}."
                f"{source.__qualname__} would both be {name} in GraphQL. Rename one of them."
            )
        return name not in self._made


_EMPTY: Any = strawberry.field(
    resolver=lambda: True, graphql_type=bool, description="True: this payload has no fields."
)


def _same(value: Any) -> Any:
    return value


def _is_named(member: object) -> TypeGuard[enum.Enum]:
    name = member.name if isinstance(member, enum.Enum) else ""
    return bool(_NAME.fullmatch(name)) and name not in ("true", "false", "null")


def payload_types(event_types: Iterable[EventType]) -> tuple[Any, ...]:
    """Return the object types of the payloads of event types, in their order.

    Raises `InvalidEventClass` for two classes that would have one name in the schema, and for one
    that would have the name of another type of the schema.
    """
    types = _Types()
    return tuple(types.payload(event_type) for event_type in event_types)


if TYPE_CHECKING:
    EventData: TypeAlias = Event
else:
    EventData = Annotated[
        Union[payload_types(event_types)],  # noqa: UP007 - as above
        strawberry.union("EventData", description="The payload of an event."),
    ]


def event_data(record: EventRecord) -> Event | None:
    """Return the event of a record, or None for one that cannot be shown as its type.

    It may not fit its class any more, or hold a whole number of more than 32 bits.
    """
    event_type = event_types.find(record.event_type)
    if event_type is None:
        return None
    try:
        event = decode_payload(event_type, record.payload)
    except InvalidPayload:
        return None
    return event if _fits(event_type.fields, event) else None


def _fits(of: FieldType, value: Any) -> bool:
    match of:
        case Nullable():
            return value is None or _fits(of.inner, value)
        case ListOf():
            return all(_fits(of.inner, item) for item in value)
        case ObjectOf():
            return all(_fits(field.type, getattr(value, field.name)) for field in of.fields)
        case Choice() if all(map(_is_named, of.members.values())):
            return True
    shown = of.encode(value, ())
    return of.kind is not FieldKind.INTEGER or (
        isinstance(shown, int) and GRAPHQL_MIN_INT <= shown <= GRAPHQL_MAX_INT
    )
