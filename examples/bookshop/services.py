"""What happens in the shop.

Books and people tell of their changes themselves, when they are saved and deleted. An order and a
package take several changes for one event, so it is published here, in their transaction.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from events.publishing import publish
from events.sources import fire
from examples.bookshop.models import Book, Order, OrderLine, Package, PackageStatus
from examples.bookshop.signals import shop_closed
from examples.bookshop.webhooks import (
    Customer,
    OrderedBook,
    OrderPaid,
    PackageCreated,
    PackageDelivered,
    PackageShipped,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from django.contrib.auth.models import User

    from examples.bookshop.models import PaymentMethod, Person


class NotPossible(Exception):  # noqa: N818 - reads as the sentence that it is
    """Something was asked of an order or a package that its state does not allow."""


def add_book(*, owner: User, title: str, author: str, pages: int, price: Decimal) -> Book:
    """Add a book to the owner's catalogue; `price` is in euros."""
    return Book.objects.create(owner=owner, title=title, author=author, pages=pages, price=price)


def change_price(book: Book, *, price: Decimal) -> None:
    """Sell a book at another price, in euros, from now on."""
    book.price = price
    book.save(update_fields=["price"])


def remove_book(book: Book) -> None:
    """Take a book out of the catalogue."""
    book.delete()


def view_book(book: Book) -> None:
    """Note that somebody looked at a book."""
    fire(book, action="viewed")


def close_shop(*, owner: User, reopens_on: date | None = None) -> None:
    """Close a shop for a while, and tell whoever listens."""
    shop_closed.send(sender=Book, owner=owner, reopens_on=reopens_on)


def save_person(person: Person) -> None:
    """Add a customer, or save what was changed."""
    person.save()


def place_order(
    *, customer: Person, copies: Mapping[Book, int], is_gift: bool = False, voucher: str = ""
) -> Order:
    """Order books, so many copies of each, at today's prices."""
    with transaction.atomic():
        order = Order.objects.create(
            owner=customer.owner, customer=customer, is_gift=is_gift, voucher=voucher
        )
        OrderLine.objects.bulk_create(
            OrderLine(order=order, title=book.title, price=book.price, copies=number)
            for book, number in copies.items()
        )
    return order


def pay_order(order: Order, *, method: PaymentMethod, now: datetime) -> None:
    """Record that an order was paid in full.

    Banks like to tell twice: an order that is paid already stays as it is, and makes no event.
    """
    with transaction.atomic():
        unpaid = Order.objects.filter(pk=order.pk, paid_at=None)
        if unpaid.update(paid_at=now, payment_method=method):
            publish(_order_paid(order, method=method, now=now), owner=order.owner, occurred_at=now)
    order.refresh_from_db()


def _order_paid(order: Order, *, method: PaymentMethod, now: datetime) -> OrderPaid:
    customer = order.customer
    lines = list(order.lines.order_by("pk"))
    return OrderPaid(
        order_id=order.pk,
        customer=Customer(person_id=customer.pk, name=customer.name, email=customer.email or None),
        books=[
            OrderedBook(title=line.title, copies=line.copies, price=line.price) for line in lines
        ],
        total=sum((line.price * line.copies for line in lines), start=Decimal(0)),
        method=method,
        paid_at=now,
        is_gift=order.is_gift,
        voucher=order.voucher or None,
    )


def pack_order(order: Order, *, weight_kg: float) -> Package:
    """Put a paid order into a package; raise `NotPossible` if it is not paid."""
    if order.paid_at is None:
        raise NotPossible(f"{order} is not paid. Pack it after `pay_order`.")
    with transaction.atomic():
        package = Package.objects.create(order=order, weight_kg=weight_kg)
        publish(
            PackageCreated(
                tracking_id=package.tracking_id,
                order_id=order.pk,
                status=PackageStatus.PACKED,
                weight_kg=weight_kg,
            ),
            owner=package.owner,
        )
    return package


def ship_package(package: Package, *, expected_on: date | None = None) -> None:
    """Hand a package to the carrier; raise `NotPossible` if the carrier has it already."""
    with transaction.atomic():
        _move(package, old=PackageStatus.PACKED, new=PackageStatus.SHIPPED)
        package.expected_on = expected_on
        package.save(update_fields=["expected_on"])
        publish(
            PackageShipped(
                tracking_id=package.tracking_id,
                order_id=package.order.pk,
                status=PackageStatus.SHIPPED,
                expected_on=expected_on,
            ),
            owner=package.owner,
        )


def deliver_package(package: Package, *, now: datetime) -> None:
    """Record that a package has reached the customer; raise `NotPossible` if it is not shipped."""
    with transaction.atomic():
        _move(package, old=PackageStatus.SHIPPED, new=PackageStatus.DELIVERED)
        publish(
            PackageDelivered(
                tracking_id=package.tracking_id,
                order_id=package.order.pk,
                status=PackageStatus.DELIVERED,
                delivered_at=now,
            ),
            owner=package.owner,
            occurred_at=now,
        )


def _move(package: Package, *, old: PackageStatus, new: PackageStatus) -> None:
    # One conditional write: of two at once, one finds the package moved.
    if not Package.objects.filter(pk=package.pk, status=old).update(status=new):
        package.refresh_from_db()
        raise NotPossible(f"{package} is {package.status}, not {old}, so it cannot become {new}.")
    package.status = new
