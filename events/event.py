"""`Event`: subclassing it declares a type of event, freezes it and registers it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, dataclass_transform

from events.annotations import check_reason, read_fields
from events.errors import InvalidEventClass
from events.fields import JsonValue, ObjectOf, first_paragraph
from events.names import data_type_name
from events.ordering import check_ordered_by
from events.registry import Registry
from events.schema import json_schema, sample_payload

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
_LONGEST_NAME = 100


@dataclass(frozen=True, kw_only=True)
class EventType:
    """A kind of event that can be subscribed to, as its class declares it.

    `deprecation_reason` says why not to use it any more; None while it is in use. `ordered_by` is
    the field whose value orders deliveries: those of one value are sent to a webhook one after
    another; None for no order.
    """

    name: str
    description: str
    event_class: type[Event]
    fields: ObjectOf
    deprecation_reason: str | None = None
    ordered_by: str | None = None

    def __repr__(self) -> str:
        return f"<EventType {self.name}: {_where(self.event_class)}>"

    @property
    def category(self) -> str:
        """What it is about: the first part of the name."""
        return re.split(r"[._-]", self.name, maxsplit=1)[0]

    @property
    def symbol(self) -> str:
        """The name as a constant, such as `ORDER_PAID`, for languages with enums."""
        return re.sub(r"[._-]", "_", self.name).upper()

    @property
    def data_type_name(self) -> str:
        """The name of the payload's object type in GraphQL, such as `OrderPaidData`."""
        return data_type_name(self.symbol.title().replace("_", ""))

    @cached_property
    def payload_schema(self) -> dict[str, JsonValue]:
        """The JSON Schema (draft 2020-12) of the payload."""
        return json_schema(
            self.fields,
            title=self.name,
            description=self.description,
            deprecation_reason=self.deprecation_reason,
        )

    @cached_property
    def sample_payload(self) -> dict[str, JsonValue]:
        """A payload as it could be sent."""
        return sample_payload(self.fields)


event_types: Registry[EventType] = Registry(noun="event type")


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event:
    """Something that happened once: the base of every event class.

    Subclassing with `name=` declares a type of event: the class becomes a frozen dataclass with
    keyword-only fields, its docstring the description, and its name can be subscribed to. Without
    `name=` the class is a base for others. `deprecated="Use …"` tells integrators not to use it any
    more; it is sent all the same. `ordered_by="order_id"` has what is about the same order sent to
    a webhook one after another, also for classes that derive from this one. Fields hold str, int,
    float, bool, datetime, date, UUID, Decimal, an Enum or Literal, a list, a nested dataclass, or
    any of these or None.

        class InvoicePaid(Event, name="invoice.paid"):
            '''An invoice was paid in full.'''

            invoice_id: UUID
            amount_cents: Annotated[int, "What was paid, in cents."]

    Raises `InvalidEventClass` for a bad name or field, a deprecation without a reason or an order
    by what cannot give one, and `AlreadyRegistered` for a taken name, at definition.
    """

    # With underscores, because `type` and `name` are what fields like to be called.
    __event_type__: ClassVar[EventType]
    __ordered_by__: ClassVar[str | None] = None

    def __init_subclass__(
        cls,
        *,
        name: str | None = None,
        deprecated: str | None = None,
        ordered_by: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Make the class a frozen dataclass and, with a name, register it."""
        super().__init_subclass__(**kwargs)
        if ordered_by is not None:
            cls.__ordered_by__ = ordered_by
        docstring = cls.__doc__  # The decorator below writes one where there is none.
        dataclass(frozen=True, kw_only=True)(cls)
        if name is None:
            _check_base(cls, deprecated=deprecated)
            return
        event_type = _declare(
            cls, name=name, description=first_paragraph(docstring), deprecated=deprecated
        )
        cls._check_event_type(event_type)
        event_types.register(name, event_type)
        cls.__event_type__ = event_type

    @classmethod
    def _check_event_type(cls, event_type: EventType) -> None:
        """Refuse what a kind of event cannot be; for bases that ask for more than `Event` does."""


def event_type_of(event: Event) -> EventType:
    """Return the type of an event, or raise `InvalidEventClass` if its class has no name."""
    found = type(event).__dict__.get("__event_type__")
    if not isinstance(found, EventType):
        raise InvalidEventClass(
            f"{type(event).__qualname__} has no name of its own, so it cannot be published. "
            f'Declare it as `class {type(event).__name__}(Event, name="…")`.'
        )
    return found


def _check_base(cls: type[Event], *, deprecated: str | None) -> None:
    if deprecated is not None:
        raise InvalidEventClass(
            f"{_where(cls)} has no name of its own, so nobody uses what is deprecated here. Say it "
            f"of the classes with a name."
        )


def _declare(cls: type[Event], *, name: str, description: str, deprecated: str | None) -> EventType:
    where = _where(cls)
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise InvalidEventClass(
            f"{where}: {name!r} is not a name for an event type. Use lower-case words joined by "
            f"dots, such as 'order.paid', {_LONGEST_NAME} characters at most."
        )
    event_type = EventType(
        name=name,
        description=description,
        event_class=cls,
        fields=read_fields(cls),
        deprecation_reason=None if deprecated is None else check_reason(deprecated, where=where),
        ordered_by=cls.__ordered_by__,
    )
    check_ordered_by(event_type.ordered_by, fields=event_type.fields, where=where)
    for other in event_types:
        if other.symbol == event_type.symbol and other.name != name:
            raise InvalidEventClass(
                f"{where}: {name!r} and {other.name!r} ({other.event_class.__qualname__}) would "
                f"both be {event_type.symbol} in GraphQL. Rename one of them."
            )
    return event_type


def _where(cls: type[Event]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
