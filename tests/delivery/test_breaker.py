"""The breaker's decisions: when the circuit opens, for how long, and when it closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.breaker import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    OPENS_AFTER,
    Breaker,
    Result,
    breaker_after,
    in_flight_cap,
)
from delivery.models import Webhook
from delivery.retry_after import LONGEST_OBEYED

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOSED, OPEN, HALF_OPEN = Webhook.Circuit
SUCCESS = Result(is_accepted=True, is_first=True, is_probe=False)
FAILURE = Result(is_accepted=False, is_first=True, is_probe=False)
FAILED_RETRY = replace(FAILURE, is_first=False)
SLOW_DOWN = replace(FAILED_RETRY, is_slow_down=True)
FAILED_PROBE = replace(FAILED_RETRY, is_probe=True)
GOOD_PROBE = replace(SUCCESS, is_probe=True)

CALM = Breaker()
OPENED = Breaker(circuit=OPEN, consecutive_failures=10, probe_at=NOW + FIRST_PAUSE)
PROBED = replace(OPENED, circuit=HALF_OPEN)


def after(breaker: Breaker, *results: Result) -> Breaker:
    return breaker_after(breaker, results, now=NOW)


def pause_of(breaker: Breaker) -> timedelta:
    assert breaker.circuit == OPEN
    assert breaker.probe_at
    return breaker.probe_at - NOW


def test_it_opens_at_the_tenth_first_attempt_in_a_row_that_fails() -> None:
    breaker = CALM
    for count in range(1, OPENS_AFTER):
        breaker = after(breaker, FAILURE)
        assert breaker == Breaker(consecutive_failures=count)

    breaker = after(breaker, FAILURE)

    assert breaker.consecutive_failures == OPENS_AFTER
    assert pause_of(breaker) == FIRST_PAUSE


def test_retries_that_fail_do_not_count_so_that_a_lone_delivery_keeps_its_schedule() -> None:
    breaker = after(CALM, FAILURE)

    assert after(breaker, *[FAILED_RETRY] * 49) == breaker


def test_a_success_begins_the_count_anew() -> None:
    breaker = Breaker(consecutive_failures=OPENS_AFTER - 1)

    assert after(breaker, SUCCESS) == CALM
    assert after(breaker, FAILURE, SUCCESS, FAILURE) == CALM


def test_an_answer_that_asks_to_slow_down_opens_it_at_once_even_between_successes() -> None:
    assert pause_of(after(CALM, SUCCESS, SLOW_DOWN, SUCCESS)) == FIRST_PAUSE


@pytest.mark.parametrize("seconds", [1, 120, 86_400])
def test_it_is_open_for_as_long_as_the_endpoint_asks(seconds: int) -> None:
    asked = timedelta(seconds=seconds)
    shorter = replace(SLOW_DOWN, wait=asked / 2)

    assert pause_of(after(CALM, shorter, replace(SLOW_DOWN, wait=asked), shorter)) == asked


def test_a_wait_asked_for_by_another_failure_only_makes_the_pause_longer() -> None:
    hurt = Breaker(consecutive_failures=OPENS_AFTER - 1)

    assert pause_of(after(hurt, replace(FAILURE, wait=timedelta(seconds=1)))) == FIRST_PAUSE
    assert pause_of(after(hurt, replace(FAILURE, wait=LONGEST_OBEYED))) == LONGEST_OBEYED
    assert after(CALM, replace(FAILURE, wait=LONGEST_OBEYED)) == Breaker(consecutive_failures=1)


def test_a_probe_that_is_accepted_closes_it() -> None:
    assert after(replace(PROBED, failed_probes=3), GOOD_PROBE) == CALM


def test_each_probe_that_fails_doubles_the_pause_up_to_a_quarter_of_an_hour() -> None:
    breaker, pauses = OPENED, []
    for _ in range(7):
        breaker = after(replace(breaker, circuit=HALF_OPEN), FAILED_PROBE)
        pauses.append(pause_of(breaker).total_seconds())

    assert pauses == [60, 120, 240, 480, 900, 900, 900]
    assert breaker.consecutive_failures == 17


def test_a_probe_that_fails_for_years_still_has_a_pause() -> None:
    breaker = replace(PROBED, failed_probes=1_000_000)

    assert pause_of(after(breaker, FAILED_PROBE)) == LONGEST_PAUSE


def test_a_probe_that_is_asked_to_wait_for_longer_waits_for_longer() -> None:
    assert pause_of(after(PROBED, replace(FAILED_PROBE, wait=LONGEST_OBEYED))) == LONGEST_OBEYED
    assert pause_of(after(PROBED, replace(FAILED_PROBE, wait=timedelta(seconds=1)))) == timedelta(
        seconds=60
    )


def test_what_was_sent_before_it_opened_neither_closes_it_nor_puts_the_probe_off() -> None:
    assert after(OPENED, FAILURE, FAILED_RETRY) == replace(OPENED, consecutive_failures=11)
    assert after(OPENED, SUCCESS) == replace(OPENED, consecutive_failures=0)
    assert after(OPENED, SLOW_DOWN) == OPENED


def test_what_was_sent_before_says_nothing_while_a_probe_is_under_way() -> None:
    assert after(PROBED, FAILED_RETRY) == PROBED
    assert after(PROBED, SUCCESS).circuit == HALF_OPEN


def test_whenever_an_endpoint_asks_to_slow_down_it_is_heard() -> None:
    asked = replace(SLOW_DOWN, wait=LONGEST_OBEYED)

    assert pause_of(after(OPENED, asked)) == LONGEST_OBEYED
    assert pause_of(after(PROBED, asked)) == LONGEST_OBEYED
    assert after(PROBED, asked).failed_probes == PROBED.failed_probes


def test_a_probe_is_alone() -> None:
    assert in_flight_cap(circuit=HALF_OPEN, max_in_flight=100) == 1
    assert in_flight_cap(circuit=CLOSED, max_in_flight=100) == 100


RESULTS = st.builds(
    Result,
    is_accepted=st.booleans(),
    is_first=st.booleans(),
    is_probe=st.booleans(),
    is_slow_down=st.booleans(),
    wait=st.timedeltas(min_value=timedelta(), max_value=LONGEST_OBEYED),
).map(lambda result: replace(result, is_slow_down=False) if result.is_accepted else result)


@given(st.lists(st.lists(RESULTS, min_size=1, max_size=5), max_size=30))
def test_whatever_comes_an_open_circuit_has_a_probe_within_a_day_and_a_closed_one_none(
    batches: list[list[Result]],
) -> None:
    breaker = CALM
    for results in batches:
        breaker = after(breaker, *results)
        if breaker.circuit == OPEN:
            assert timedelta() < pause_of(breaker) <= LONGEST_OBEYED
            # As it is when the time has come.
            breaker = replace(breaker, circuit=HALF_OPEN)
        elif breaker.is_closed:
            assert breaker == Breaker(consecutive_failures=breaker.consecutive_failures)
            assert breaker.consecutive_failures < OPENS_AFTER
