"""Rows that are inserted many at a time are what they were, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction
from django.forms import model_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.fanout import fan_out_steps
from delivery.inserting import insert
from delivery.models import Attempt, Delivery
from events.publishing import publish
from events.webhooks import Ping
from tests.work import later, make_owner, subscribe

pytestmark = pytest.mark.django_db

TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
HEADERS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3)
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - aware by the zones below
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)
FIELDS = [field.name for field in Attempt._meta.concrete_fields]
VALUES = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(Attempt.Outcome),
        "error_message": TEXTS,
        "request_url": TEXTS,
        "request_headers": HEADERS,
        "status_code": st.none() | st.integers(0, 999),
        "response_headers": st.none() | HEADERS,
        "response_body": TEXTS,
        "is_body_truncated": st.booleans(),
        "remote_address": st.none() | st.ip_addresses().map(str),
        "started_at": MOMENTS,
        "duration": st.timedeltas(min_value=-timedelta(days=9), max_value=timedelta(days=9)),
    }
)


@pytest.fixture
def delivery() -> Delivery:
    owner = make_owner("ada")
    subscribe(owner, "https://example.com/hook")
    publish(Ping(), owner=owner)
    list(fan_out_steps(clock=later))
    return Delivery.objects.get()


def attempt_at(delivery: Delivery, **values: Any) -> Attempt:
    usual = {
        "number": 1,
        "outcome": Attempt.Outcome.SUCCEEDED,
        "request_url": "https://example.com/hook",
        "request_headers": [],
        "started_at": datetime(2026, 1, 1, tzinfo=UTC),
        "duration": timedelta(milliseconds=5),
    }
    return Attempt(owner_id=delivery.owner_id, delivery=delivery, **{**usual, **values})


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(VALUES, max_size=5))
def test_what_is_inserted_at_once_is_what_is_inserted_one_by_one(
    delivery: Delivery, values: list[dict[str, Any]]
) -> None:
    at_once = [attempt_at(delivery, number=n, **each) for n, each in enumerate(values)]

    inserted = stored(lambda: insert(at_once))

    assert inserted == stored(lambda: save_each(at_once))


def save_each(attempts: list[Attempt]) -> None:
    for attempt in attempts:
        attempt.save(force_insert=True)


def stored(store: Callable[[], None]) -> list[dict[str, object]]:
    """Return which attempts there are after some were stored; they are taken back then."""
    with transaction.atomic():
        store()
        rows = Attempt.objects.order_by("number")
        found = [model_to_dict(row, fields=FIELDS) for row in rows]
        transaction.set_rollback(True)
    return found


class Moment(datetime):
    """A kind of moment of a test's own."""


@pytest.mark.parametrize(
    "values",
    [
        {"started_at": Moment(2026, 1, 1, tzinfo=UTC)},
        {"status_code": Decimal(200)},
    ],
)
def test_values_of_kinds_that_a_project_may_bring_are_inserted(
    delivery: Delivery, values: dict[str, Any]
) -> None:
    insert([attempt_at(delivery, **values)])

    assert Attempt.objects.filter(**values).exists()


def test_rows_that_were_inserted_are_known_to_be(delivery: Delivery) -> None:
    attempt = attempt_at(delivery)

    insert([attempt])
    attempt.response_body = "changed later"
    attempt.save()

    assert Attempt.objects.get().response_body == "changed later"


def test_a_row_that_is_there_already_is_refused_with_all_the_others(delivery: Delivery) -> None:
    insert([attempt_at(delivery, number=2)])

    with pytest.raises(IntegrityError), transaction.atomic():
        insert([attempt_at(delivery, number=1), attempt_at(delivery, number=2)])

    assert Attempt.objects.get().number == 2


def test_a_row_that_is_there_already_is_passed_over_if_that_is_wanted(delivery: Delivery) -> None:
    insert([attempt_at(delivery, number=2)])

    insert([attempt_at(delivery, number=1), attempt_at(delivery, number=2)], ignore_conflicts=True)

    assert sorted(Attempt.objects.values_list("number", flat=True)) == [1, 2]


def test_what_the_database_cannot_store_is_refused_with_all_the_others(delivery: Delivery) -> None:
    too_much = attempt_at(delivery, number=2, status_code=-1)

    with pytest.raises((DataError, IntegrityError)), transaction.atomic():
        insert([attempt_at(delivery, number=1), too_much])

    assert not Attempt.objects.exists()
