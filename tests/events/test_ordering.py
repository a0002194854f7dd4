"""Order by a field: what is to be sent one after another has the same key, and nothing else has."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Literal
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from events import Event
from events.event import event_types
from events.models import EventRecord
from events.publishing import EVERYONE, publish, publish_many
from events.webhooks import Ping
from tests.events.everything import texts


class Step(Enum):
    PACKED = "packed"
    SENT = "sent"


# Forgotten at once, so that no other test meets them in the registry.
with event_types.scratch():

    class OrderEvent(Event, ordered_by="order_id"):
        order_id: int | None

    class OrderPlaced(OrderEvent, name="test.placed"):
        """An order was placed."""

    class OrderPaid(OrderEvent, name="test.paid"):
        """An order was paid."""

        cents: int

    class OrderNoted(OrderEvent, name="test.noted", ordered_by="note"):
        """Something was noted of an order."""

        note: str

    class TextNoted(Event, name="test.text", ordered_by="value"):
        """A text was noted."""

        value: str | None

    class NumberNoted(Event, name="test.number", ordered_by="value"):
        """A number was noted."""

        value: int

    class IdentifierNoted(Event, name="test.identifier", ordered_by="value"):
        """An identifier was noted."""

        value: UUID

    class DayNoted(Event, name="test.day", ordered_by="value"):
        """A day was noted."""

        value: date

    class StepNoted(Event, name="test.step", ordered_by="value"):
        """A step was noted."""

        value: Step

    class SizeNoted(Event, name="test.size", ordered_by="value"):
        """A size was noted."""

        value: Literal[1, 2, 3]


few_numbers = st.integers(1, 3)
days = st.dates(date(2026, 1, 1), date(2026, 1, 3))
identifiers = st.sampled_from([UUID(int=1), UUID(int=2)])
# Few enough that equal ones meet, and texts that look like what is no text.
lookalikes = st.one_of(
    few_numbers.map(str), days.map(date.isoformat), identifiers.map(str), st.just("packed")
)
noted = st.one_of(
    st.builds(TextNoted, value=st.none() | lookalikes | texts),
    st.builds(NumberNoted, value=few_numbers | st.integers()),
    st.builds(IdentifierNoted, value=identifiers | st.uuids()),
    st.builds(DayNoted, value=days | st.dates()),
    st.builds(StepNoted, value=st.sampled_from(Step)),
    st.builds(SizeNoted, value=few_numbers),
)


def key_of(event: Event) -> str:
    return publish(event, owner=EVERYONE).ordering_key


@pytest.mark.django_db
@given(one=noted, other=noted)
def test_keys_are_equal_if_and_only_if_the_values_are_equal_in_the_payload(
    one: Event, other: Event
) -> None:
    records = publish_many([one, other], owner=EVERYONE)

    assert len({record.ordering_key for record in records}) == len({r.payload for r in records})


@pytest.mark.django_db
@given(event=noted)
def test_any_value_has_a_key_that_the_database_holds_and_only_none_has_none(event: Event) -> None:
    record = publish(event, owner=EVERYONE)

    [stored] = EventRecord.objects.filter(pk=record.pk).values_list("ordering_key", flat=True)
    assert stored == record.ordering_key
    assert bool(stored) == (event != TextNoted(value=None))


@pytest.mark.django_db
def test_a_value_of_any_length_has_a_key() -> None:
    long, longer = key_of(TextNoted(value="x" * 10_000)), key_of(TextNoted(value="x" * 10_001))

    assert 0 < len(long) == len(longer) < 64
    assert long != longer


@pytest.mark.django_db
def test_a_number_and_the_text_of_it_are_two_values() -> None:
    assert key_of(NumberNoted(value=7)) != key_of(TextNoted(value="7"))


@pytest.mark.django_db
def test_event_types_that_are_ordered_by_fields_of_one_name_share_an_order() -> None:
    placed, paid = key_of(OrderPlaced(order_id=7)), key_of(OrderPaid(order_id=7, cents=100))

    assert placed == paid != key_of(OrderPlaced(order_id=8))


@pytest.mark.django_db
def test_the_same_number_in_fields_of_two_names_is_not_the_same_thing() -> None:
    assert key_of(OrderPlaced(order_id=7)) != key_of(NumberNoted(value=7))


@pytest.mark.django_db
def test_what_names_no_field_or_holds_none_in_it_has_no_order() -> None:
    assert key_of(Ping()) == key_of(OrderPlaced(order_id=None)) == ""


@pytest.mark.django_db
def test_a_class_may_choose_another_field_than_its_base() -> None:
    assert key_of(OrderNoted(order_id=7, note="a")) == key_of(OrderNoted(order_id=8, note="a"))


def test_the_event_type_tells_its_field() -> None:
    assert OrderPaid.__event_type__.ordered_by == "order_id"
    assert OrderNoted.__event_type__.ordered_by == "note"
    assert Ping.__event_type__.ordered_by is None


def test_publishing_in_order_is_one_insert(
    owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as queries:
        publish(OrderPlaced(order_id=7), owner=owner)

    assert queries.captured_queries[0]["sql"].startswith("INSERT")


@pytest.mark.django_db
def test_many_at_once_and_one_that_is_repeatable_have_the_keys_of_one_by_one() -> None:
    events = [OrderPlaced(order_id=7), Ping(), OrderPaid(order_id=8, cents=1)]

    together = publish_many(events, owner=EVERYONE)
    repeatable = [publish(each, owner=EVERYONE, key=f"{i}") for i, each in enumerate(events)]

    apart = [key_of(each) for each in events]
    assert [record.ordering_key for record in together] == apart
    assert [record.ordering_key for record in repeatable] == apart
