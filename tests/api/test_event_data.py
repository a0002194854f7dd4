"""Payload types: every event class has one, whatever its fields hold."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import pytest
import strawberry
from django.db import models
from strawberry.schema.config import StrawberryConfig

from api.scalars import SCALARS
from api.schema import schema
from api.types.event_data import payload_types
from api.types.names import is_own_name
from events import Event
from events.errors import InvalidEventClass
from events.event import event_types
from events.publishing import publish
from examples.bookshop.models import PaymentMethod
from examples.bookshop.webhooks import Customer, OrderPaid
from tests.api.client import GraphQL
from tests.api.rows import NOW


@pytest.fixture(autouse=True)
def _registrations_are_forgotten() -> Iterator[None]:
    with event_types.scratch():
        yield


# What the payloads of the bookshop are made of.
OF_THE_BOOKSHOP = {"CustomerData", "OrderedBookData", "PackageStatus", "PaymentMethod"}


class Colour(enum.Enum):
    """The colours there are."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Answer(enum.Enum):
    true = "yes"
    false = "no"


@dataclass(frozen=True, kw_only=True)
class Size:
    width: int
    height: Annotated[float, "From top to bottom, in centimetres."]


def printed(*events: type[Event]) -> str:
    """Return the SDL of a schema of the payload types alone."""

    @strawberry.type
    class Query:
        ok: bool = True

    types = payload_types(event.__event_type__ for event in events)
    config = StrawberryConfig(scalar_map=SCALARS)
    return strawberry.Schema(query=Query, types=types, config=config).as_str()


def fields_of(sdl: str, name: str) -> dict[str, str]:
    """Return the fields of a type in SDL, with their types."""
    body = sdl.partition(f"type {name} {{")[2].partition("}")[0]
    lines = (line.strip() for line in body.splitlines() if not line.strip().startswith('"""'))
    return dict(line.split(": ") for line in lines if ": " in line)


def test_each_field_has_the_type_of_what_it_holds() -> None:
    class Painted(Event, name="wall.painted"):
        """A wall was painted."""

        wall_id: int
        area: float
        is_dry: bool
        at: datetime
        colour: Colour
        level: Level
        sizes: list[Size]
        note: str | None = None
        others: list[Colour | None] | None = None

    assert fields_of(printed(Painted), "WallPaintedData") == {
        "wallId": "Int!",
        "area": "Float!",
        "isDry": "Boolean!",
        "at": "DateTime!",
        "colour": "Colour!",
        "level": "Level!",
        "sizes": "[SizeData!]!",
        "note": "String",
        "others": "[Colour]",
    }


def test_choices_that_graphql_has_no_names_for_are_plain_values() -> None:
    class Chosen(Event, name="answer.chosen"):
        """An answer was chosen."""

        answer: Answer
        word: Literal["in stock", "gone"]
        number: Literal[1, 2]

    assert fields_of(printed(Chosen), "AnswerChosenData") == {
        "answer": "String!",
        "word": "String!",
        "number": "Int!",
    }


def test_what_is_documented_in_python_is_described_in_the_schema() -> None:
    class Painted(Event, name="wall.painted"):
        """A wall was painted."""

        size: Size
        colour: Annotated[Colour, "Which colour it is now."]

    sdl = printed(Painted)

    assert '"""The payload of `wall.painted`."""\ntype WallPaintedData' in sdl
    assert '"""Which colour it is now."""\n  colour: Colour!' in sdl
    assert '"""From top to bottom, in centimetres."""\n  height: Float!' in sdl
    assert '"""The colours there are."""\nenum Colour' in sdl
    assert '"""`width` of the payload."""\n  width: Int!' in sdl


def test_a_payload_without_fields_has_a_type_all_the_same() -> None:
    class Emptied(Event, name="cache.emptied"):
        """The cache was emptied."""

    assert fields_of(printed(Emptied), "CacheEmptiedData") == {"isEmpty": "Boolean!"}


def test_a_class_in_several_events_is_one_type() -> None:
    class Painted(Event, name="wall.painted"):
        """A wall was painted."""

        size: Size
        colour: Colour

    class Built(Event, name="wall.built"):
        """A wall was built."""

        size: Size
        colour: Colour

    sdl = printed(Painted, Built)

    assert sdl.count("type SizeData") == sdl.count("enum Colour") == 1


def test_two_classes_of_one_name_are_refused_and_both_are_named() -> None:
    def another_size() -> type:
        @dataclass(frozen=True, kw_only=True)
        class Size:
            litres: int

        return Size

    class Painted(Event, name="wall.painted"):
        """A wall was painted."""

        size: Size

    class Filled(Event, name="pool.filled"):
        """A pool was filled."""

        __annotations__ = {"size": another_size()}

    with pytest.raises(InvalidEventClass, match=r"\.Size and .*another_size.*Size would both be"):
        printed(Painted, Filled)


def test_an_event_that_would_be_the_union_of_all_payloads_is_refused() -> None:
    class Happened(Event, name="event"):
        """Something happened."""

    with pytest.raises(
        InvalidEventClass, match=r"\.Happened would be EventData in GraphQL.*Rename it"
    ):
        printed(Happened)


@pytest.mark.parametrize(
    "name",
    ["WebhookStatus", "DeliveryStatus", "Node", "String", "FixedRetryPolicyInput"],
)
def test_an_enum_named_like_a_type_of_the_schema_is_refused(name: str) -> None:
    class Changed(Event, name="shop.changed"):
        """A shop was changed."""

        __annotations__ = {"status": enum.Enum(name, {"OPEN": "open"})}

    with pytest.raises(InvalidEventClass, match=rf"\.{name} would be {name} in.*Rename it"):
        printed(Changed)


def test_the_names_that_a_project_must_leave_alone_are_those_of_the_schema() -> None:
    of_payloads = {found.__name__ for found in payload_types(event_types)}
    found = {name for name in schema._schema.type_map if not name.startswith("__")} - of_payloads

    assert {"WebhookStatus", "EventData", "Int"} < found
    assert {name for name in found if not is_own_name(name)} == OF_THE_BOOKSHOP


@pytest.mark.parametrize(
    ("order_id", "person_id", "is_shown"),
    [(2**31, 1, False), (1, -(2**31) - 1, False), (2**31 - 1, -(2**31), True)],
)
def test_a_number_too_large_for_graphql_leaves_the_payload_readable_as_json(
    graphql: GraphQL, owner: models.Model, order_id: int, person_id: int, is_shown: bool
) -> None:
    event = OrderPaid(
        order_id=order_id,
        customer=Customer(person_id=person_id, name="Ada Lovelace"),
        books=[],
        total=Decimal(1),
        method=PaymentMethod.CARD,
        paid_at=NOW,
    )
    record = publish(event, owner=owner)
    query = """query ($id: ID!) { event(id: $id) {
        payload data { ... on OrderPaidData { orderId customer { personId } } } } }"""

    found = graphql(query, variables={"id": record.public_id}, user=owner).ok["event"]

    data = {"orderId": order_id, "customer": {"personId": person_id}}
    assert found["data"] == (data if is_shown else None)
    assert found["payload"]["order_id"] == order_id
    assert found["payload"]["customer"]["person_id"] == person_id
