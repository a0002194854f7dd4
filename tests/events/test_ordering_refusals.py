"""An order that could not be kept is refused where the class is defined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from django.dispatch import Signal

from events import Event
from events.errors import InvalidEventClass
from events.event import event_types
from events.sources import ModelEvent, SignalEvent
from examples.bookshop.models import Order


class Step(Enum):
    PACKED = "packed"


class Level(IntEnum):
    LOW = 1


@dataclass(frozen=True, kw_only=True)
class Part:
    label: str


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with event_types.scratch():
        yield


def declare(annotation: Any, *, ordered_by: Any = "value") -> Any:
    annotations = {"value": annotation, "part": Part}
    return type(
        "Held", (Event,), {"__annotations__": annotations}, name="test.held", ordered_by=ordered_by
    )


@pytest.mark.parametrize(
    "annotation",
    [
        *(str, int, UUID, date, Step, Level, Literal["a", "b"], Literal[1, 2]),
        *(int | None, Annotated[str, "A text."], Annotated[Step | None, "A step."]),
    ],
    ids=str,
)
def test_what_names_something_gives_an_order(annotation: Any) -> None:
    assert declare(annotation).__event_type__.ordered_by == "value"


@pytest.mark.parametrize(
    "annotation",
    [
        *(float, bool, datetime, Decimal, list[int], list[str] | None, Part, Part | None),
        Annotated[Decimal | None, "An amount."],
    ],
    ids=str,
)
def test_what_names_nothing_gives_no_order(annotation: Any) -> None:
    with pytest.raises(
        InvalidEventClass, match=r"Held: ordered_by='value' names a field of which no order.*UUID"
    ):
        declare(annotation)

    assert "test.held" not in event_types


@pytest.mark.parametrize("ordered_by", ["valu", "", "part.label", "Value", 5, True])
def test_what_is_no_field_gives_no_order(ordered_by: Any) -> None:
    with pytest.raises(
        InvalidEventClass, match=r"Held: ordered_by=.* is none of its fields\. .*: value, part\."
    ):
        declare(str, ordered_by=ordered_by)

    assert "test.held" not in event_types


def test_a_class_without_fields_has_none_to_be_ordered_by() -> None:
    with pytest.raises(InvalidEventClass, match=r"These are: none\."):

        class Empty(Event, name="test.empty", ordered_by="value"):
            """Nothing is told."""


def test_what_a_base_names_must_be_a_field_of_each_class_that_derives_from_it() -> None:
    class Base(Event, ordered_by="order_id"):
        """What every event about an order tells."""

    class OrderPaid(Base, name="test.paid"):
        """An order was paid."""

        order_id: int

    with pytest.raises(InvalidEventClass, match="OrderLost: ordered_by='order_id' is none of"):

        class OrderLost(Base, name="test.lost"):
            """An order was lost."""

    assert OrderPaid.__event_type__.ordered_by == "order_id"


def test_events_of_models_and_signals_are_held_to_it_as_well() -> None:
    with pytest.raises(InvalidEventClass, match="ordered_by='id' is none of its fields"):

        class OrderSaved(
            ModelEvent,
            name="test.saved",
            model=Order,
            on="created",
            owner="owner",
            ordered_by="id",
        ):
            """An order was saved."""

            voucher: str

    with pytest.raises(InvalidEventClass, match="names a field of which no order"):

        class Stocked(
            SignalEvent, name="test.stocked", signal=Signal(), owner="shop", ordered_by="price"
        ):
            """Copies of a book came in."""

            price: Decimal
