"""Publishing: a row in the caller's transaction, and word of it after the commit."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import transaction
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from events.errors import InvalidEventClass, InvalidPayload
from events.event import Event, event_types
from events.models import EventRecord
from events.payload import decode_payload
from events.publishing import EVERYONE, publish
from events.signals import event_recorded
from events.webhooks import Ping


@pytest.fixture
def announced() -> Iterator[list[EventRecord]]:
    announced: list[EventRecord] = []

    def note(records: tuple[EventRecord, ...], **_: object) -> None:
        announced.extend(records)

    event_recorded.connect(note)
    yield announced
    event_recorded.disconnect(note)


def test_publishing_is_one_insert(
    owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as queries:
        publish(Ping(), owner=owner)

    assert queries.captured_queries[0]["sql"].startswith("INSERT")


def test_the_record_holds_the_event_and_waits_for_its_fan_out(owner: User) -> None:
    before = timezone.now()
    record = publish(Ping(message="hello"), owner=owner)

    stored = EventRecord.objects.get()
    assert stored == record
    assert stored.owner == owner
    assert stored.event_type == "ping"
    assert stored.payload == '{"message":"hello"}'
    assert decode_payload(event_types.get("ping"), stored.payload) == Ping(message="hello")
    assert before <= stored.occurred_at <= timezone.now()
    assert stored.key is None
    assert not stored.is_test
    assert list(EventRecord.objects.waiting_for_fan_out()) == [record]


@pytest.mark.django_db
def test_an_event_for_everyone_has_no_owner() -> None:
    publish(Ping(), owner=EVERYONE)

    assert EventRecord.objects.get().owner is None


def test_the_user_of_a_request_can_be_the_owner_though_django_loads_them_late(owner: User) -> None:
    lazy: Any = SimpleLazyObject(lambda: User.objects.get(pk=owner.pk))

    assert publish(Ping(), owner=lazy).owner_id == owner.pk


@pytest.mark.parametrize("owner", [None, 1, "ada", Group(name="a group"), AnonymousUser(), User])
@pytest.mark.django_db
def test_an_owner_that_is_no_row_of_the_owner_model_is_refused(owner: Any) -> None:
    with pytest.raises(TypeError, match=r"must be a User or EVERYONE.*pass owner=EVERYONE"):
        publish(Ping(), owner=owner)

    assert not EventRecord.objects.exists()


@pytest.mark.django_db
def test_an_owner_must_be_saved_first() -> None:
    with pytest.raises(ValueError, match="must be saved before"):
        publish(Ping(), owner=User(username="ada"))

    assert not EventRecord.objects.exists()


@pytest.mark.parametrize("event", [Ping, "ping", {"message": "ping"}, None], ids=repr)
def test_only_an_event_can_be_published(owner: User, event: Any) -> None:
    with pytest.raises(TypeError, match="is an instance of an Event class, not"):
        publish(event, owner=owner)

    assert not EventRecord.objects.exists()


def test_d10_an_event_of_a_class_without_a_name_is_refused(owner: User) -> None:
    class Base(Event):
        pass

    with pytest.raises(InvalidEventClass, match="Base has no name of its own"):
        publish(Base(), owner=owner)

    assert not EventRecord.objects.exists()


def test_a_field_of_the_wrong_type_is_refused_and_leaves_nothing(owner: User) -> None:
    with pytest.raises(InvalidPayload, match=r"^message: expected a text, found int 5\.$"):
        publish(Ping(message=5), owner=owner)  # type: ignore[arg-type]  # wrong on purpose

    assert not EventRecord.objects.exists()


def test_occurred_at_is_when_it_happened_not_when_it_was_recorded(owner: User) -> None:
    yesterday = datetime(2026, 1, 1, 12, tzinfo=UTC)

    publish(Ping(), owner=owner, occurred_at=yesterday)

    stored = EventRecord.objects.get()
    assert stored.occurred_at == yesterday
    assert stored.recorded_at > yesterday + timedelta(days=1)


def test_a_naive_occurred_at_is_refused(owner: User) -> None:
    with pytest.raises(ValueError, match=r"occurred_at must have a UTC offset.*timezone\.now"):
        publish(Ping(), owner=owner, occurred_at=datetime(2026, 1, 1))  # noqa: DTZ001 - on purpose

    assert not EventRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_w21_an_event_is_announced_after_the_commit(announced: list[EventRecord]) -> None:
    with transaction.atomic():
        record = publish(Ping(), owner=EVERYONE)
        assert announced == []

    assert announced == [record]


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_announced_at_once(
    announced: list[EventRecord],
) -> None:
    record = publish(Ping(), owner=EVERYONE)

    assert announced == [record]


@pytest.mark.django_db(transaction=True)
def test_w21_a_rollback_leaves_no_event_and_announces_none(announced: list[EventRecord]) -> None:
    def publish_and_fail() -> None:
        with transaction.atomic():
            publish(Ping(), owner=EVERYONE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_and_fail()

    assert not EventRecord.objects.exists()
    assert announced == []


def test_a_receiver_that_raises_is_logged_and_hides_the_event_from_nobody(
    owner: User,
    announced: list[EventRecord],
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def fail(**_: object) -> None:
        raise ConnectionError("the broker is gone")

    event_recorded.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            record = publish(Ping(), owner=owner)
    finally:
        event_recorded.disconnect(fail)

    assert EventRecord.objects.get() == record
    assert announced == [record]
    assert [entry.levelname for entry in caplog.records] == ["ERROR"]
    assert "the broker is gone" in caplog.text
