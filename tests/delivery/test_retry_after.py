"""`Retry-After`: what endpoints may ask for, and what of it is obeyed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import models
from django.utils.http import http_date
from hypothesis import given
from hypothesis import strategies as st

from delivery.http.outcomes import Accepted, HttpAnswer, Rejected, Unreachable
from delivery.models import Delivery
from delivery.retry import FixedRetryPolicy
from delivery.retry_after import LONGEST_OBEYED, asks_to_slow_down, retry_after
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

NOW = datetime(2026, 11, 6, 8, 49, 37, tzinfo=UTC)


def answered(*values: str, name: str = "Retry-After", status: int = 503) -> HttpAnswer:
    headers = tuple((name, value) for value in values)
    return HttpAnswer(status_code=status, headers=headers, body="", is_truncated=False)


def asked(*values: str, name: str = "Retry-After") -> timedelta | None:
    return retry_after(answered(*values, name=name), now=NOW)


@pytest.mark.parametrize(
    ("status", "value", "expected"),
    [
        (429, "0", True),
        (429, "5", True),
        (429, "soon", True),
        (503, "5", True),
        (503, "0", False),
        (503, "soon", False),
        (500, "5", False),
    ],
)
def test_429_asks_to_slow_down_by_itself_and_503_if_it_says_until_when(
    status: int, value: str, expected: bool
) -> None:
    outcome = Rejected(answer=answered(value, status=status))

    assert asks_to_slow_down(outcome, now=NOW) is expected


def test_nothing_else_asks_to_slow_down() -> None:
    assert not asks_to_slow_down(Accepted(answer=answered("5", status=200)), now=NOW)
    assert not asks_to_slow_down(Unreachable(reason="Nobody listens."), now=NOW)


@pytest.mark.parametrize("name", ["Retry-After", "retry-after", "RETRY-AFTER"])
def test_seconds_are_understood_whatever_the_case_of_the_name(name: str) -> None:
    assert asked("120", name=name) == timedelta(seconds=120)


@pytest.mark.parametrize("value", [" 120\t", "000120"])
def test_seconds_may_be_padded(value: str) -> None:
    assert asked(value) == timedelta(seconds=120)


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 06 Nov 2026 09:49:37 GMT",
        "Friday, 06-Nov-26 09:49:37 GMT",
        "Fri Nov  6 09:49:37 2026",
    ],
)
def test_a_date_is_understood_in_each_of_the_three_forms(value: str) -> None:
    assert asked(value) == timedelta(hours=1)


@pytest.mark.parametrize("value", ["86401", "9999999999", "Sat, 01 Jan 2050 00:00:00 GMT"])
def test_nobody_waits_for_longer_than_a_day(value: str) -> None:
    assert asked(value) == LONGEST_OBEYED


@pytest.mark.parametrize(
    "value",
    [
        *("", "soon", "-1", "+5", "1.5", "1e3", "0x10", "5 s", "1_000", "١٢٠", "²", "120, 120"),
        *("0", "0000", "9" * 11, "9" * 5_000, "0" * 5_000 + "9"),
        *("Fri, 06 Nov 2026 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"),
        *("Friday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"),
        *("Tue, 30 Feb 2027 08:00:00 GMT", "Fri, 06 Nov 0000 09:49:37 GMT"),
        *("Fri, 06 Nov 2026 25:00:00 GMT", "Fri, 06 Nov 2026 09:49:37 CET", "2026-11-06T09:49:37Z"),
        "Fri, 06 Nov 2026 09:49:37 GMT, Fri, 06 Nov 2026 10:49:37 GMT",
    ],
)
def test_what_is_neither_seconds_nor_a_date_to_come_says_nothing(value: str) -> None:
    assert asked(value) is None


def test_two_of_them_say_nothing() -> None:
    assert asked("60", "120") is None
    assert asked() is None


@given(st.text() | st.from_regex(r"[-+ 0-9,:A-Za-z]{0,40}"))
def test_any_text_gives_a_wait_within_bounds_or_none(value: str) -> None:
    wait = asked(value)

    assert wait is None or timedelta() < wait <= LONGEST_OBEYED


@given(st.integers(min_value=1, max_value=86_400))
def test_a_date_says_the_same_as_seconds(seconds: int) -> None:
    moment = NOW + timedelta(seconds=seconds)

    assert asked(http_date(moment.timestamp())) == asked(str(seconds))


def retried_at(
    owner: models.Model, receiver: Receiver, *, status: int, value: str, now: datetime
) -> datetime | None:
    """Say when what is answered so is tried again by a policy that waits a minute."""
    receiver.answers(status, headers={"Retry-After": value})
    policy = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))
    subscribe(owner, receiver.url("/in"), retry_policy=policy)
    publish(Ping(), owner=owner)
    deliver(now=now)
    due_at: datetime | None = Delivery.objects.get().due_at
    return due_at


@pytest.mark.django_db
@pytest.mark.parametrize("status", [301, 404, 413, 429, 500, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("90000", 86_400), ("5", 60), ("-5", 60), ("soon", 60), ("9" * 400, 60)],
)
def test_any_rejection_can_put_the_next_attempt_off_and_none_brings_it_forward(
    owner: models.Model, receiver: Receiver, status: int, value: str, seconds: int
) -> None:
    now = later(seconds=1)

    due_at = retried_at(owner, receiver, status=status, value=value, now=now)

    assert due_at == now + timedelta(seconds=seconds)


@pytest.mark.django_db
def test_a_date_puts_the_next_attempt_off_until_then(
    owner: models.Model, receiver: Receiver
) -> None:
    moment = later(hours=2).replace(microsecond=0)
    value = http_date(moment.timestamp())

    assert retried_at(owner, receiver, status=503, value=value, now=later(seconds=1)) == moment


@pytest.mark.django_db
def test_it_makes_no_policy_go_on_that_gives_up(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(503, headers={"Retry-After": "1"})
    once = FixedRetryPolicy(max_attempts=1, delay=timedelta(seconds=60))
    subscribe(owner, receiver.url("/in"), retry_policy=once)
    publish(Ping(), owner=owner)

    deliver()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.due_at) == (Delivery.Status.FAILED, None)
