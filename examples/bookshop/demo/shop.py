"""The backend code of the demo: a shop where books are added and sold, and events made of it."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from examples.bookshop import services
from examples.bookshop.models import Book, Order, PaymentMethod, Person

_PRICE = Decimal("14.90")
SALE_PRICE = Decimal("9.90")
_HIGH_PRICE = Decimal("19.90")


class Shop:
    """One owner's shop, with one customer who buys whatever there is."""

    def __init__(self, *, owner: User) -> None:
        self._owner = owner
        self._customer = Person(owner=owner, name="A Reader", address="1 Library Lane")
        services.save_person(self._customer)

    def add_book(self, *, title: str) -> Book:
        """Add a book: `book.added`."""
        return services.add_book(
            owner=self._owner, title=title, author="Anonymous", pages=320, price=_PRICE
        )

    def add_book_and_roll_back(self, *, title: str) -> None:
        """Add a book and think better of it before the transaction ends: no event."""
        with transaction.atomic():
            self.add_book(title=title)
            transaction.set_rollback(True)

    def make_dearer(self, book: Book) -> None:
        """Take more for a book: `book.changed`."""
        services.change_price(book, price=_HIGH_PRICE)

    def put_on_sale(self, book: Book) -> None:
        """Take less for a book: `book.changed`."""
        services.change_price(book, price=SALE_PRICE)

    def sell(self, book: Book) -> Order:
        """Take money for a copy: `order.paid`."""
        order = services.place_order(customer=self._customer, copies={book: 1})
        services.pay_order(order, method=PaymentMethod.CARD, now=timezone.now())
        return order

    def pack(self, order: Order) -> None:
        """Put what was paid into a package: `package.created`."""
        services.pack_order(order, weight_kg=0.8)
