"""Events of models and signals have the order of what their fields are read from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.dispatch import Signal

from events.event import event_types
from events.sources import ModelEvent, SignalEvent, fire
from examples.bookshop.models import Order
from tests.events.orders import make_order, records

pytestmark = pytest.mark.usefixtures("sources")

stocked = Signal()


@pytest.fixture
def sources() -> Iterator[None]:
    """Have orders tell of themselves when they are saved, printed or stocked."""
    with event_types.scratch():

        class Ordered(ModelEvent, ordered_by="pk"):
            pk: int

        class Saved(
            Ordered, name="test.saved", model=Order, on=("created", "updated"), owner="owner"
        ):
            """An order was saved."""

        class Printed(Ordered, name="test.printed", model=Order, on="printed", owner="owner"):
            """An order was printed."""

        class VoucherUsed(
            ModelEvent,
            name="test.voucher",
            model=Order,
            on="used",
            owner="owner",
            ordered_by="voucher",
        ):
            """A voucher was used."""

            voucher: str

        class Stocked(
            SignalEvent, name="test.stocked", signal=stocked, owner="shop", ordered_by="title"
        ):
            """Copies of a book came in."""

            title: str

        yield


def test_events_of_a_model_are_ordered_by_what_their_field_is_read_from(owner: User) -> None:
    order, _ = make_order(owner), make_order(owner)
    order.save()
    [printed] = fire(order, action="printed")

    created, of_other, updated = (record.ordering_key for record in records("test.saved"))
    assert created == updated == printed.ordering_key != of_other
    assert of_other


def test_a_field_of_a_model_orders_across_its_rows(owner: User) -> None:
    orders = [make_order(owner, voucher=voucher) for voucher in ("SPRING", "SUMMER", "SPRING")]

    first, second, third = (fire(order, action="used")[0].ordering_key for order in orders)

    assert first == third != second


def test_events_of_a_signal_are_ordered_by_what_it_sends(owner: User) -> None:
    for title in ("Emma", "Ulysses", "Emma"):
        stocked.send(sender=None, shop=owner, title=title)

    first, second, third = (record.ordering_key for record in records("test.stocked"))
    assert first == third != second
