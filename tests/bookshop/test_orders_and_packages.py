"""Orders and packages: an event for each step, once, and only in the order of the steps."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from events import Event
from events.models import EventRecord
from examples.bookshop.models import Book, Order, Package, PackageStatus, PaymentMethod, Person
from examples.bookshop.services import (
    NotPossible,
    change_price,
    deliver_package,
    pack_order,
    pay_order,
    place_order,
    ship_package,
)
from examples.bookshop.webhooks import (
    Customer,
    OrderedBook,
    OrderPaid,
    PackageCreated,
    PackageDelivered,
    PackageShipped,
)

Published = Callable[[], list[Event]]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def package(order: Order) -> Package:
    pay_order(order, method=PaymentMethod.CARD, now=NOW)
    package = pack_order(order, weight_kg=1.5)
    EventRecord.objects.all().delete()
    return package


def test_a_paid_order_tells_who_paid_what_and_how(
    order: Order, customer: Person, published: Published
) -> None:
    pay_order(order, method=PaymentMethod.TRANSFER, now=NOW)

    assert published() == [
        OrderPaid(
            order_id=order.pk,
            customer=Customer(person_id=customer.pk, name="Joe", email="joe@example.com"),
            books=[
                OrderedBook(title="Emma", copies=2, price=Decimal("9.90")),
                OrderedBook(title="Middlemarch", copies=1, price=Decimal("14.95")),
            ],
            total=Decimal("34.75"),
            method=PaymentMethod.TRANSFER,
            paid_at=NOW,
            is_gift=False,
            voucher="SPRING",
        )
    ]
    assert EventRecord.objects.get().occurred_at == NOW


def test_what_an_order_does_not_have_is_null_rather_than_empty(
    customer: Person, emma: Book
) -> None:
    customer.email = ""
    order = place_order(customer=customer, copies={emma: 1}, is_gift=True)

    pay_order(order, method=PaymentMethod.CARD, now=NOW)

    payload = EventRecord.objects.get(event_type="order.paid").payload
    assert '"email":null' in payload
    assert '"is_gift":true,"voucher":null' in payload


def test_an_order_keeps_the_prices_of_the_day_it_was_placed(order: Order, emma: Book) -> None:
    change_price(emma, price=Decimal(100))

    pay_order(order, method=PaymentMethod.CARD, now=NOW)

    assert '"total":"34.75"' in EventRecord.objects.get(event_type="order.paid").payload


def test_an_order_that_is_paid_twice_makes_one_event(order: Order, published: Published) -> None:
    pay_order(order, method=PaymentMethod.CARD, now=NOW)
    pay_order(order, method=PaymentMethod.TRANSFER, now=NOW + timedelta(days=1))

    assert len(published()) == 1
    assert order.paid_at == NOW
    assert order.payment_method == PaymentMethod.CARD


def test_a_package_tells_of_each_of_its_steps(order: Order, published: Published) -> None:
    pay_order(order, method=PaymentMethod.CARD, now=NOW)
    package = pack_order(order, weight_kg=1.5)
    ship_package(package, expected_on=date(2026, 3, 4))
    deliver_package(package, now=NOW)

    tracking_id = package.tracking_id
    assert published()[1:] == [
        PackageCreated(
            tracking_id=tracking_id,
            order_id=order.pk,
            status=PackageStatus.PACKED,
            weight_kg=1.5,
        ),
        PackageShipped(
            tracking_id=tracking_id,
            order_id=order.pk,
            status=PackageStatus.SHIPPED,
            expected_on=date(2026, 3, 4),
        ),
        PackageDelivered(
            tracking_id=tracking_id,
            order_id=order.pk,
            status=PackageStatus.DELIVERED,
            delivered_at=NOW,
        ),
    ]
    package.refresh_from_db()
    assert package.status == PackageStatus.DELIVERED
    assert package.expected_on == date(2026, 3, 4)


def test_r4_the_owner_of_a_package_is_that_of_its_order(owner: User, package: Package) -> None:
    ship_package(package)

    assert EventRecord.objects.get().owner == owner


def test_an_unpaid_order_is_not_packed(order: Order, published: Published) -> None:
    with pytest.raises(NotPossible, match="is not paid"):
        pack_order(order, weight_kg=1.5)

    assert published() == []
    assert not Package.objects.exists()


def test_a_package_is_shipped_once(package: Package, published: Published) -> None:
    ship_package(package, expected_on=date(2026, 3, 4))

    with pytest.raises(NotPossible, match="is shipped, not packed"):
        ship_package(package, expected_on=date(2026, 3, 5))

    assert len(published()) == 1
    assert Package.objects.get().expected_on == date(2026, 3, 4)


def test_a_package_is_not_delivered_before_it_is_shipped(
    package: Package, published: Published
) -> None:
    with pytest.raises(NotPossible, match="is packed, not shipped"):
        deliver_package(package, now=NOW)

    assert published() == []
    assert Package.objects.get().status == PackageStatus.PACKED
