"""What happens in the shop arrives at those who subscribed, and only what did happen."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from threading import Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from events import Event
from events.event import event_types
from events.publishing import EVERYONE
from events.sources import ModelEvent, fire
from examples.bookshop.models import Book, Person
from examples.bookshop.services import add_book, change_price, close_shop, remove_book, view_book
from examples.bookshop.webhooks import BookChanged
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

BOOK_EVENTS = ("book.added", "book.changed", "book.removed", "book.viewed")


@pytest.fixture
def grace(db: None) -> User:  # noqa: ARG001 - asked for its effect: a database
    return User.objects.create_user("grace")


def add(owner: User, *, title: str = "Emma") -> Book:
    return add_book(
        owner=owner, title=title, author="Jane Austen", pages=474, price=Decimal("9.90")
    )


def received(receiver: Receiver, path: str) -> list[tuple[str, object]]:
    """List the types of what has arrived, each with the title or whatever else was told first."""
    bodies = [request.json() for request in receiver.requests(path)]
    return [(body["type"], body["data"].get("title", body["data"])) for body in bodies]


def test_r1_three_changes_are_three_requests_in_their_order(
    owner: User, receiver: Receiver
) -> None:
    for event_type in BOOK_EVENTS[:3]:
        subscribe(owner, receiver.url("/in"), event_type, max_in_flight=1)

    book = add(owner)
    deliver()
    change_price(book, price=Decimal(5))
    deliver()
    remove_book(book)
    deliver()

    assert [name for name, _ in received(receiver, "/in")] == list(BOOK_EVENTS[:3])
    prices = [request.json()["data"]["price"] for request in receiver.requests("/in")]
    assert prices == ["9.90", "5.00", "5.00"]


def test_r2_only_the_owner_of_a_book_is_told_of_it(
    owner: User, grace: User, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/ada"), *BOOK_EVENTS)
    subscribe(grace, receiver.url("/grace"), *BOOK_EVENTS)

    add(owner, title="Emma")
    deliver()

    assert received(receiver, "/ada") == [("book.added", "Emma")]
    assert received(receiver, "/grace") == []


def test_r3_what_concerns_everyone_is_told_to_all(
    owner: User, grace: User, receiver: Receiver
) -> None:
    with event_types.scratch():
        event_types._items.pop("book.changed")

        class BookChangedForAll(
            ModelEvent, name="book.changed", model=Book, on="updated", owner=EVERYONE
        ):
            """A book was changed, and everyone is to know."""

            title: str

        subscribe(owner, receiver.url("/ada"), "book.changed")
        subscribe(grace, receiver.url("/grace"), "book.changed")

        change_price(add(owner), price=Decimal(5))
        deliver()

    assert received(receiver, "/ada") == [("book.changed", "Emma")]
    assert received(receiver, "/grace") == [("book.changed", "Emma")]
    assert event_types.get("book.changed").event_class is BookChanged


def test_r5_a_book_that_is_viewed_is_told_to_those_who_asked_for_views(
    owner: User, receiver: Receiver
) -> None:
    for event_type in BOOK_EVENTS:
        subscribe(owner, receiver.url(f"/{event_type}"), event_type)
    book = add(owner)

    view_book(book)
    deliver()

    assert received(receiver, "/book.viewed") == [("book.viewed", "Emma")]
    assert received(receiver, "/book.added") == [("book.added", "Emma")]
    assert len(receiver.requests()) == 2


def test_r6_a_view_can_be_told_to_all_owners(owner: User, grace: User, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/ada"), "book.viewed")
    subscribe(grace, receiver.url("/grace"), "book.viewed")

    fire(add(owner), action="viewed", owner=EVERYONE)
    deliver()

    assert received(receiver, "/ada") == [("book.viewed", "Emma")]
    assert received(receiver, "/grace") == [("book.viewed", "Emma")]


def test_w16_r21_each_active_webhook_of_the_type_gets_one_request_and_no_other_does(
    owner: User, receiver: Receiver
) -> None:
    for path in ("/one", "/two"):
        subscribe(owner, receiver.url(path), "book.added")
    subscribe(owner, receiver.url("/other"), "book.changed")
    subscribe(owner, receiver.url("/paused"), "book.added", is_paused=True)

    add(owner)
    deliver()

    assert sorted(request.path for request in receiver.requests()) == ["/one", "/two"]


def test_r13_any_number_of_webhooks_get_one_request_each_and_an_unwanted_event_sends_none(
    owner: User, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"), "book.added")
    subscribe(owner, receiver.url("/in"), "book.added", "book.changed")
    subscribe(owner, receiver.url("/other"), "book.added")

    book = add(owner)
    deliver()
    view_book(book)
    deliver()

    assert received(receiver, "/in") == [("book.added", "Emma")] * 2
    assert received(receiver, "/other") == [("book.added", "Emma")]
    assert len(receiver.requests()) == 3


def test_w20_a_later_save_is_no_second_creation(owner: User, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"), "book.added")

    book = add(owner)
    deliver()
    book.save()
    deliver()

    assert received(receiver, "/in") == [("book.added", "Emma")]


@pytest.mark.django_db(transaction=True)
def test_w21_a_book_is_told_of_after_its_commit_and_never_after_a_rollback(
    owner: User, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"), "book.added")

    with transaction.atomic():
        add(owner, title="Rolled back")
        transaction.set_rollback(True)
    deliver()
    with transaction.atomic():
        add(owner, title="Emma")
        assert receiver.requests() == []
    deliver()

    assert received(receiver, "/in") == [("book.added", "Emma")]


def test_d1_each_save_of_a_person_is_told_and_no_other_models(
    owner: User, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"), "person.saved")

    person = Person.objects.create(owner=owner, name="Joe", address="1 High Street", secret="tea")
    deliver()
    person.name = "Joseph"
    person.save()
    add(owner)
    deliver()

    told = {"person_id": person.pk, "address": "1 High Street"}
    assert received(receiver, "/in") == [
        ("person.saved", {**told, "name": "Joe"}),
        ("person.saved", {**told, "name": "Joseph"}),
    ]


def test_d9_d12_what_a_signal_sends_is_delivered(owner: User, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"), "shop.closed")

    close_shop(owner=owner)
    deliver()

    assert received(receiver, "/in") == [("shop.closed", {"reopens_on": None})]


def deliver_elsewhere() -> None:
    """Deliver as another process does, by a connection of its own."""
    deliver()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_r17_saving_does_not_wait_for_a_receiver(
    owner: User, receiver: Receiver, published: Callable[[], list[Event]]
) -> None:
    subscribe(owner, receiver.url("/in"), "book.added", "book.changed")
    receiver.hangs()
    book = add(owner)
    sending = Thread(target=deliver_elsewhere)
    sending.start()
    receiver.wait_for(1)

    book.save()

    # The receiver has not answered yet: it does so now.
    assert len(published()) == 2
    assert sending.is_alive()
    receiver.release()
    sending.join()
    deliver()
    assert [name for name, _ in received(receiver, "/in")] == ["book.added", "book.changed"]


@pytest.mark.django_db(transaction=True)
def test_a_shop_can_be_closed_for_good(owner: User, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"), "book.removed")
    add(owner)

    owner.delete()
    deliver()

    assert receiver.requests() == []
    assert not Book.objects.exists()
