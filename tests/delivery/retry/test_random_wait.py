"""The random policy."""

from datetime import timedelta

import pytest

from delivery.options import parse_options
from delivery.retry import RandomRetryPolicy
from tests.delivery.retry.policies import errors_of, waits


def test_w10_random_draws_whole_seconds_and_both_ends_occur() -> None:
    policy = parse_options(RandomRetryPolicy, {"minDelaySeconds": 5, "maxDelaySeconds": 10})

    assert set(waits(policy, retries=1000)) == {5, 6, 7, 8, 9, 10}


def test_its_defaults_are_ten_seconds_to_an_hour() -> None:
    policy = RandomRetryPolicy()

    assert policy.max_attempts == 6
    assert (policy.min_delay, policy.max_delay) == (timedelta(seconds=10), timedelta(hours=1))
    assert policy.summary == (
        "Waits at random from 10 seconds to 60 minutes before each of 5 retries."
    )


@pytest.mark.parametrize(("shortest", "longest"), [(10, 10), (11, 10)])
def test_w11_the_shortest_wait_must_be_less_than_the_longest(shortest: int, longest: int) -> None:
    settings = {"minDelaySeconds": shortest, "maxDelaySeconds": longest}

    assert errors_of("random", {**settings}) == [("minDelaySeconds",)]


@pytest.mark.parametrize(("key", "value"), [("minDelaySeconds", 0), ("maxDelaySeconds", "9")])
def test_w11_a_wrong_setting_is_refused_where_it_is(key: str, value: int | str) -> None:
    assert errors_of("random", {key: value}) == [(key,)]
