"""The owners of model events: whose event it is, and what is not told because nobody owns it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from events.publishing import EVERYONE
from events.sources import ModelEvent
from examples.bookshop.models import Order, OrderLine, Package
from tests.events.orders import make_customer, make_line, make_order, make_package, records

pytestmark = pytest.mark.usefixtures("scratch")


def declare(*, owner: Any) -> None:
    class OrderTold(ModelEvent, name="test.order", model=Order, on="created", owner=owner):
        """An order was placed."""

        voucher: str


def test_the_event_of_an_owner_that_a_path_leads_to_is_theirs(owner: User) -> None:
    class LineAdded(
        ModelEvent, name="test.line", model=OrderLine, on="created", owner="order.owner"
    ):
        """A line was added."""

        title: str

    make_line(make_order(owner))

    assert [record.owner for record in records("test.line")] == [owner]


def test_r4_the_owner_may_be_a_property(owner: User) -> None:
    class Packed(ModelEvent, name="test.packed", model=Package, on="created", owner="owner"):
        """A package was packed."""

        weight_kg: float

    make_package(make_order(owner))

    assert [record.owner for record in records("test.packed")] == [owner]


def test_the_owner_may_be_what_a_callable_returns(owner: User) -> None:
    declare(owner=lambda order: order.customer.owner)

    make_order(owner)

    assert [record.owner for record in records("test.order")] == [owner]


def test_r3_an_event_of_everyone_has_no_owner(owner: User) -> None:
    declare(owner=EVERYONE)

    make_order(owner)

    assert [record.owner for record in records("test.order")] == [None]


@pytest.mark.parametrize("nobody", ["missing", "missing.owner", lambda _: None])
def test_what_nobody_owns_is_not_told_of_and_never_goes_to_everyone(
    owner: User, monkeypatch: pytest.MonkeyPatch, nobody: Any
) -> None:
    monkeypatch.setattr(Order, "missing", None, raising=False)
    declare(owner=nobody)

    make_order(owner)

    assert records("test.order") == []


def test_an_owner_path_that_leads_nowhere_is_said_and_saves_nothing(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Order, "buyer", property(lambda order: order.customer), raising=False)
    declare(owner="buyer.boss")
    customer = make_customer(owner)

    with (
        pytest.raises(TypeError, match=r"owner='buyer\.boss'.*Person has no attribute 'boss'"),
        transaction.atomic(),
    ):
        Order.objects.create(owner=owner, customer=customer)

    assert not Order.objects.exists()


def test_an_owner_that_is_no_owner_is_said_and_saves_nothing(owner: User) -> None:
    declare(owner="customer")
    customer = make_customer(owner)

    with (
        pytest.raises(TypeError, match=r"owner must be a User or EVERYONE, not <Person"),
        transaction.atomic(),
    ):
        Order.objects.create(owner=owner, customer=customer)

    assert not Order.objects.exists()
