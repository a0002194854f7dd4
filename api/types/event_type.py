"""Event types: their names in inputs, and the catalogue of them."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from api.types.node import Node
from api.types.payload_fields import PayloadField, payload_field_of
from events import event
from events.event import event_types
from events.fields import ObjectOf
from events.payload_fields import payload_fields

_ID_PREFIX = "ety_"
# Any: type checkers know only enums that are written out.
_ENUM: Any = enum.Enum


def _description(event_type: event.EventType) -> str:
    says = event_type.description
    return f"`{event_type.name}`" + (f": {says[0].lower()}{says[1:]}" if says else ".")


def event_type_names(event_types: Iterable[event.EventType]) -> Any:
    """Return the enum of the names of event types."""
    values = {
        found.symbol: strawberry.enum_value(
            found.name,
            description=_description(found),
            deprecation_reason=found.deprecation_reason,
        )
        for found in event_types
    }
    made = _ENUM("EventTypeName", values)
    return strawberry.enum(made, description="The kinds of event that can be subscribed to.")


if TYPE_CHECKING:

    class EventTypeName(enum.Enum):
        """The kinds of event that can be subscribed to; a value is the name of an event type."""

        PING = "ping"

else:
    EventTypeName = event_type_names(event_types)


def _payload_schema(root: Parent[EventType]) -> JSON:
    # Nothing is known of what is gone, and the empty schema says nothing.
    return JSON(root.declared.payload_schema if root.value else {})


def _payload_fields(root: Parent[EventType]) -> list[PayloadField]:
    return [payload_field_of(field) for field in payload_fields(root.declared.fields)]


def _sample_payload(root: Parent[EventType]) -> JSON:
    return JSON(root.declared.sample_payload)


@strawberry.type(description="A kind of event.")
class EventType(Node):
    """A kind of event, be it one that the project no longer registers."""

    id: strawberry.ID = strawberry.field(description="The kind's ID.")
    name: str = strawberry.field(
        description="The name sent with each request, such as `order.created`."
    )
    value: EventTypeName | None = strawberry.field(
        description=(
            "The name to use in inputs. Null when the host project no longer registers this kind."
        )
    )
    description: str = strawberry.field(description="When it happens.")
    category: str = strawberry.field(description="What it is about, such as `order`.")
    deprecation_reason: str | None = strawberry.field(
        description="Why not to use it any more. Null while it is in use."
    )
    ordered_by: str | None = strawberry.field(
        description=(
            "The field whose value orders deliveries, by its path in `payloadFields`: those of one "
            "value are sent to a webhook one after another. Null for no order."
        )
    )
    declared: strawberry.Private[event.EventType]

    payload_schema: JSON = strawberry.field(
        resolver=_payload_schema, description="The JSON Schema of the payload."
    )
    sample_payload: JSON = strawberry.field(
        resolver=_sample_payload, description="A payload as it could be sent."
    )
    payload_fields: list[PayloadField] = strawberry.field(
        resolver=_payload_fields,
        description="The payload's fields, nested ones by their paths.",
    )


def event_type_named(name: str) -> EventType:
    """Return the event type of a name, with little to show if it is not registered any more."""
    declared = event_types.find(name) or event.EventType(
        name=name,
        description="",
        event_class=event.Event,
        fields=ObjectOf(python_type=event.Event, fields=()),
    )
    return EventType(
        id=strawberry.ID(_ID_PREFIX + name),
        name=name,
        value=EventTypeName(name) if name in event_types else None,
        description=declared.description,
        category=declared.category,
        deprecation_reason=declared.deprecation_reason,
        ordered_by=declared.ordered_by,
        declared=declared,
    )


def find_event_type(public_id: str) -> EventType | None:
    """Return the registered event type with an ID, or None."""
    name = public_id.removeprefix(_ID_PREFIX)
    is_one = public_id.startswith(_ID_PREFIX) and name in event_types
    return event_type_named(name) if is_one else None
