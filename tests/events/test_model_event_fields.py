"""The fields of model events: read from the instance, or made by a method."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from events.errors import InvalidPayload
from events.publishing import EVERYONE, publish
from events.sources import ModelEvent
from examples.bookshop.models import Order, OrderLine, Package, PackageStatus, PaymentMethod
from tests.events.orders import make_customer, make_line, make_order, make_package, payloads

pytestmark = pytest.mark.usefixtures("scratch")


@dataclass(frozen=True, kw_only=True)
class Customer:
    name: str
    email: str | None


@dataclass(frozen=True, kw_only=True)
class Line:
    title: str
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class Owned:
    username: str


class OrderEvent(ModelEvent):
    """What is told of an order; its relations are read as well."""

    pk: int
    customer: Customer
    lines: list[Line]
    paid_at: datetime | None


def test_related_rows_are_read_into_dataclasses_and_lists(owner: User) -> None:
    class OrderRead(OrderEvent, name="test.order", model=Order, on="read", owner="owner"):
        """An order was read."""

    order = make_order(owner)
    make_line(order, title="Emma")

    assert OrderRead.from_instance(order) == OrderRead(
        pk=order.pk,
        customer=Customer(name="Joe", email="joe@example.com"),
        lines=[Line(title="Emma", price=Decimal("9.90"))],
        paid_at=None,
    )


def test_what_the_instance_was_given_is_told_as_it_is_stored(owner: User) -> None:
    class LineTold(
        ModelEvent, name="test.line", model=OrderLine, on="created", owner="order.owner"
    ):
        """A line was added."""

        order_id: int
        title: str
        price: Decimal
        copies: int

    order = make_order(owner)
    OrderLine.objects.create(order=order, title="Emma", price="9.90", copies="2")

    assert payloads("test.line") == [
        {"order_id": order.pk, "title": "Emma", "price": "9.90", "copies": 2}
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [(9.9, "9.90"), ("9.9", "9.90"), (9, "9.00"), (Decimal("9.999"), "10.00"), ("9.985", None)],
)
def test_a_price_is_told_with_the_decimals_that_are_stored(
    owner: User, given: Any, told: str | None
) -> None:
    class LineTold(
        ModelEvent, name="test.line", model=OrderLine, on="created", owner="order.owner"
    ):
        """A line was added."""

        price: Decimal

    line = OrderLine.objects.create(order=make_order(owner), title="Emma", price=given, copies=1)
    line.refresh_from_db()

    assert payloads("test.line") == [{"price": str(line.price)}]
    assert told in {None, str(line.price)}  # Halves are rounded as each database does.


def test_a_choice_is_told_as_its_value_or_as_the_member_that_is_asked_for(owner: User) -> None:
    class PackageTold(ModelEvent, name="test.package", model=Package, on="created", owner="owner"):
        """A package was packed."""

        tracking_id: UUID
        status: PackageStatus
        expected_on: date | None

    class PackageMoved(ModelEvent, name="test.moved", model=Package, on="updated", owner="owner"):
        """A package was moved."""

        status: str

    package = make_package(make_order(owner))
    package.status = PackageStatus.SHIPPED
    package.save()
    package.refresh_from_db()

    assert PackageTold.from_instance(package).status is PackageStatus.SHIPPED
    assert payloads("test.package") == [
        {"tracking_id": str(package.tracking_id), "status": "packed", "expected_on": None}
    ]
    assert payloads("test.moved") == [{"status": "shipped"}]


def test_a_choice_that_nobody_made_is_told_as_null(owner: User) -> None:
    class OrderTold(ModelEvent, name="test.order", model=Order, on="created", owner="owner"):
        """An order was placed."""

        payment_method: PaymentMethod | None

    make_order(owner)
    make_order(owner, payment_method=PaymentMethod.CARD)

    assert payloads("test.order") == [{"payment_method": None}, {"payment_method": "card"}]


def test_a_relation_that_is_empty_is_told_as_null(owner: User) -> None:
    class OrderTold(ModelEvent, name="test.order", model=Order, on="read", owner=EVERYONE):
        """An order was read."""

        owner: Owned | None

    assert OrderTold.from_instance(Order()) == OrderTold(owner=None)
    assert OrderTold.from_instance(make_order(owner)).owner == Owned(username="ada")


def test_what_the_database_has_yet_to_reckon_is_refused(owner: User) -> None:
    class LineTold(ModelEvent, name="test.line", model=OrderLine, on="read", owner="order.owner"):
        """A line was read."""

        title: str

    line = make_line(make_order(owner))
    line.title = F("title")

    with pytest.raises(InvalidPayload, match=r"^title: expected a text, found F F\(title\)\.$"):
        publish(LineTold.from_instance(line), owner=owner)


@pytest.mark.parametrize("found", ["Emma", 5, {"title": "Emma"}], ids=repr)
def test_what_is_no_list_is_refused(
    owner: User, monkeypatch: pytest.MonkeyPatch, found: object
) -> None:
    monkeypatch.setattr(Order, "titles", property(lambda _: found), raising=False)

    class OrderRead(ModelEvent, name="test.order", model=Order, on="read", owner="owner"):
        """An order was read."""

        titles: list[str]

    with pytest.raises(InvalidPayload, match=r"^titles: expected a list, found"):
        OrderRead.from_instance(make_order(owner))


def test_an_attribute_that_is_missing_is_named_with_its_path(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Order, "buyers", property(lambda order: [order.owner]), raising=False)

    class OrderRead(ModelEvent, name="test.order", model=Order, on="read", owner="owner"):
        """An order was read."""

        buyers: list[Customer]

    with pytest.raises(InvalidPayload, match=r"buyers\.0\.name: User has no attribute") as raised:
        OrderRead.from_instance(make_order(owner))

    assert raised.value.path == ("buyers", "0", "name")


def test_from_instance_can_be_overridden(owner: User) -> None:
    class OrderCounted(ModelEvent, name="test.order", model=Order, on="created", owner="owner"):
        """An order was placed."""

        orders_so_far: int

        @classmethod
        def from_instance(cls, instance: Order) -> Self:
            return cls(orders_so_far=Order.objects.filter(owner=instance.owner).count())

    make_order(owner)
    make_order(owner)

    assert payloads("test.order") == [{"orders_so_far": 1}, {"orders_so_far": 2}]


def test_the_names_of_customers_are_read_anew_for_each_event(owner: User) -> None:
    class OrderRead(OrderEvent, name="test.order", model=Order, on="read", owner="owner"):
        """An order was read."""

    order = make_order(owner)
    order.customer = make_customer(owner, name="Simon")

    assert OrderRead.from_instance(order).customer.name == "Simon"
