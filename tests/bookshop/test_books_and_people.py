"""Books and people: each change is one event, of the row's owner, and none without the change."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from events import Event
from events.errors import InvalidPayload
from events.models import EventRecord
from examples.bookshop.models import Book, Person
from examples.bookshop.services import (
    add_book,
    change_price,
    close_shop,
    remove_book,
    save_person,
    view_book,
)
from examples.bookshop.webhooks import (
    BookAdded,
    BookChanged,
    BookRemoved,
    BookViewed,
    PersonSaved,
    ShopClosed,
)

Published = Callable[[], list[Event]]


def test_r1_r15_adding_changing_and_removing_a_book_is_three_events_in_that_order(
    owner: User, published: Published
) -> None:
    book = add_book(
        owner=owner, title="Emma", author="Jane Austen", pages=474, price=Decimal("9.90")
    )
    number = book.pk
    change_price(book, price=Decimal("8.50"))
    remove_book(book)

    about: dict[str, object] = {
        "book_id": number,
        "title": "Emma",
        "author": "Jane Austen",
        "pages": 474,
    }
    assert [event.__dict__ for event in published()] == [
        {**about, "price": Decimal("9.90")},
        {**about, "price": Decimal("8.50")},
        {**about, "price": Decimal("8.50")},
    ]
    assert [type(event) for event in published()] == [BookAdded, BookChanged, BookRemoved]
    assert not Book.objects.exists()


def test_the_payload_of_the_readme_is_what_is_sent(owner: User) -> None:
    book = add_book(
        owner=owner,
        title="Middlemarch",
        author="George Eliot",
        pages=904,
        price=Decimal("14.90"),
    )

    assert EventRecord.objects.get().payload == (
        f'{{"book_id":{book.pk},"title":"Middlemarch","author":"George Eliot","pages":904,'
        '"price":"14.90"}'
    )


def test_r2_the_event_of_a_book_belongs_to_the_books_owner(owner: User, emma: Book) -> None:
    User.objects.create_user("grace")

    change_price(emma, price=Decimal(5))

    assert EventRecord.objects.get(event_type="book.changed").owner == owner


def test_r5_a_book_that_is_viewed_is_told_of_as_viewed_and_not_as_changed(
    emma: Book, published: Published
) -> None:
    view_book(emma)

    assert [type(event) for event in published()] == [BookAdded, BookViewed]


def test_d1_a_person_makes_an_event_when_added_and_when_changed(
    owner: User, published: Published
) -> None:
    person = Person(owner=owner, name="Joe", address="1 High Street")
    save_person(person)
    person.name = "Joseph"
    save_person(person)

    assert published() == [
        PersonSaved(person_id=person.pk, name="Joe", address="1 High Street"),
        PersonSaved(person_id=person.pk, name="Joseph", address="1 High Street"),
    ]


def test_d2_the_secret_of_a_person_is_in_no_payload(customer: Person) -> None:
    customer.secret = "sesame"

    save_person(customer)

    for payload in EventRecord.objects.values_list("payload", flat=True):
        assert json.loads(payload).keys() == {"person_id", "name", "address"}
        assert "sesame" not in payload


@pytest.mark.parametrize("reopens_on", [date(2026, 1, 7), None])
def test_d9_d12_a_shop_that_closes_says_so_by_a_signal_that_is_told_of(
    owner: User, published: Published, reopens_on: date | None
) -> None:
    close_shop(owner=owner, reopens_on=reopens_on)

    assert published() == [ShopClosed(reopens_on=reopens_on)]


def test_w21_a_change_that_is_rolled_back_is_no_event(emma: Book, published: Published) -> None:
    before = published()

    with transaction.atomic():
        change_price(emma, price=Decimal(5))
        transaction.set_rollback(True)

    assert published() == before


def test_an_event_that_cannot_be_told_undoes_the_change(emma: Book) -> None:
    emma.title = "\ud800"

    with pytest.raises(InvalidPayload, match=r"^title: expected a text"), transaction.atomic():
        change_price(emma, price=Decimal(5))

    emma.refresh_from_db()
    assert emma.price == Decimal("9.90")
