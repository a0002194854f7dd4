"""Events, and lists of them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
import strawberry_django
from strawberry import Parent
from strawberry.scalars import JSON

from api.access import ApiTokenScope, RequiresScope
from api.lists import deliveries_of_event
from api.pages import PageInfo
from api.types.event_data import EventData, event_data
from api.types.event_type import EventType, event_type_named
from api.types.node import Node, id_of_row
from events.models import EventRecord

if TYPE_CHECKING:
    from api.types.delivery import DeliveryConnection


def _type(root: Parent[EventRecord]) -> EventType:
    return event_type_named(root.event_type)


def _payload(root: Parent[EventRecord]) -> JSON:
    return JSON(json.loads(root.payload))


def _data(root: Parent[EventRecord]) -> Any:
    return event_data(root)


@strawberry_django.type(EventRecord, description="Something that happened once.")
class Event(Node):
    """A row of `events.models.EventRecord`."""

    id: strawberry.ID = id_of_row("The event's ID: the same in every delivery of it.")
    type: EventType = strawberry_django.field(
        resolver=_type, only=["event_type"], description="What kind it is."
    )
    payload: JSON = strawberry_django.field(
        resolver=_payload, only=["payload"], description="What is sent, as it was stored."
    )
    data: EventData | None = strawberry_django.field(
        resolver=_data,
        only=["event_type", "payload"],
        description=(
            "The payload as an object of its own type. "
            "Null when it was stored in a form that the class no longer has, "
            "or holds a whole number of more than 32 bits."
        ),
    )
    is_test: bool = strawberry_django.field(description="Whether it was made by a ping or a test.")
    occurred_at: datetime = strawberry_django.field(description="When it happened.")
    deliveries: Annotated[DeliveryConnection, strawberry.lazy("api.types.delivery")] = (
        strawberry_django.field(
            resolver=deliveries_of_event,
            extensions=[RequiresScope(ApiTokenScope.DELIVERIES_READ)],
            description="Its deliveries to your webhooks.",
        )
    )


@strawberry.type(description="An event in a list.")
class EventEdge:
    """An event in a list."""

    cursor: str = strawberry.field(description="Its place in the list.")
    node: Event = strawberry.field(description="The event.")


@strawberry.type(description="A page of events.")
class EventConnection:
    """A page of events."""

    edges: list[EventEdge] = strawberry.field(description="The events on this page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
