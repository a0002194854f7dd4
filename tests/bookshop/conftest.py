"""A shop with an owner, two books, a customer and an order, and the events it publishes."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from events import Event
from events.event import event_types
from events.models import EventRecord
from events.payload import decode_payload
from examples.bookshop.models import Book, Order, Person
from examples.bookshop.services import place_order


@pytest.fixture
def owner(db: None) -> User:  # noqa: ARG001 - asked for its effect: a database
    return User.objects.create_user("ada")


@pytest.fixture
def emma(owner: User) -> Book:
    return Book.objects.create(
        owner=owner, title="Emma", author="Jane Austen", pages=474, price=Decimal("9.90")
    )


@pytest.fixture
def middlemarch(owner: User) -> Book:
    return Book.objects.create(
        owner=owner, title="Middlemarch", author="George Eliot", pages=904, price=Decimal("14.95")
    )


@pytest.fixture
def customer(owner: User) -> Person:
    return Person.objects.create(
        owner=owner, name="Joe", address="1 High Street", email="joe@example.com", secret="tea"
    )


@pytest.fixture
def order(customer: Person, emma: Book, middlemarch: Book) -> Order:
    order = place_order(customer=customer, copies={emma: 2, middlemarch: 1}, voucher="SPRING")
    EventRecord.objects.all().delete()  # Of the books and the customer, who were made for it.
    return order


@pytest.fixture
def published(owner: User) -> Callable[[], list[Event]]:
    """Return a function that reads the owner's events back, the oldest first."""

    def read() -> list[Event]:
        records = EventRecord.objects.filter(owner=owner).order_by("pk")
        return [decode_payload(event_types.get(r.event_type), r.payload) for r in records]

    return read
