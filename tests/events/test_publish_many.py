"""Publishing many events: all of them or none, in few statements, and with one signal."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from events import Event, publishing
from events.errors import InvalidPayload
from events.models import EventRecord
from events.publishing import EVERYONE, publish, publish_many
from events.signals import event_recorded
from events.webhooks import Ping
from tests.events.everything import texts


@pytest.fixture
def announced() -> Iterator[list[tuple[EventRecord, ...]]]:
    announced: list[tuple[EventRecord, ...]] = []

    def note(records: tuple[EventRecord, ...], **_: object) -> None:
        announced.append(records)

    event_recorded.connect(note)
    yield announced
    event_recorded.disconnect(note)


def test_the_records_come_in_the_order_of_the_events_and_are_stored_in_it(owner: User) -> None:
    records = publish_many((Ping(message=str(number)) for number in range(5)), owner=owner)

    assert [record.payload for record in records] == [f'{{"message":"{n}"}}' for n in range(5)]
    assert list(EventRecord.objects.waiting_for_fan_out()) == list(records)
    assert {record.owner_id for record in EventRecord.objects.all()} == {owner.pk}


@pytest.mark.django_db
def test_many_events_can_go_to_everyone() -> None:
    publish_many([Ping(), Ping()], owner=EVERYONE)

    assert [record.owner for record in EventRecord.objects.all()] == [None, None]


def test_it_takes_one_insert_for_each_batch(
    owner: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(publishing, "_BATCH_SIZE", 3)

    with django_assert_num_queries(4) as queries:
        publish_many([Ping()] * 10, owner=owner)

    assert all(each["sql"].startswith("INSERT") for each in queries.captured_queries)


@pytest.mark.django_db(transaction=True)
def test_one_signal_after_the_commit_tells_of_all(
    announced: list[tuple[EventRecord, ...]],
) -> None:
    with transaction.atomic():
        records = publish_many([Ping(), Ping()], owner=EVERYONE)
        assert announced == []
    single = publish(Ping(), owner=EVERYONE)

    assert announced == [records, (single,)]


@pytest.mark.django_db(transaction=True)
def test_no_events_are_no_signal(announced: list[tuple[EventRecord, ...]]) -> None:
    assert publish_many([], owner=EVERYONE) == ()

    assert announced == []


def test_one_that_cannot_be_published_keeps_all_from_it(owner: User) -> None:
    events = [Ping(), Ping(message=5)]  # type: ignore[arg-type]  # wrong on purpose

    with pytest.raises(InvalidPayload, match=r"^message: expected a text, found int 5\.$"):
        publish_many(events, owner=owner)

    assert not EventRecord.objects.exists()


def test_what_is_no_event_keeps_all_from_it(owner: User) -> None:
    events: list[Event] = [Ping(), "ping"]  # type: ignore[list-item]  # wrong on purpose

    with pytest.raises(TypeError, match="is an instance of an Event class, not 'ping'"):
        publish_many(events, owner=owner)

    assert not EventRecord.objects.exists()


@pytest.mark.django_db
def test_an_owner_must_be_named_for_many_as_for_one() -> None:
    with pytest.raises(TypeError, match=r"must be a User or EVERYONE.*pass owner=EVERYONE"):
        publish_many([Ping()], owner=None)  # type: ignore[arg-type]  # wrong on purpose

    assert not EventRecord.objects.exists()


@pytest.mark.django_db
@given(messages=st.lists(texts, max_size=5))
def test_many_at_once_are_stored_as_one_by_one(messages: list[str]) -> None:
    events = [Ping(message=message) for message in messages]

    together = publish_many(events, owner=EVERYONE)

    apart = [publish(event, owner=EVERYONE) for event in events]
    assert [(r.event_type, r.payload, r.owner_id, r.key) for r in together] == [
        (r.event_type, r.payload, r.owner_id, r.key) for r in apart
    ]
