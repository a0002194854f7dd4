"""The exponential policy."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.options import parse_options
from delivery.retry import ExponentialRetryPolicy
from tests.delivery.retry.policies import NOW, ROUNDING, errors_of, waits


def test_w8_exponential_doubles_from_two_seconds() -> None:
    policy = parse_options(
        ExponentialRetryPolicy, {"initialDelaySeconds": 2, "factor": 2, "jitter": 0}
    )

    assert waits(policy, retries=3) == [2, 4, 8]


def test_w8_the_longest_wait_caps_the_others() -> None:
    policy = parse_options(
        ExponentialRetryPolicy,
        {"initialDelaySeconds": 10, "factor": 2, "maxDelaySeconds": 30, "jitter": 0},
    )

    assert waits(policy, retries=4) == [10, 20, 30, 30]


def test_r19_five_retries_after_one_two_four_eight_and_sixteen_seconds() -> None:
    policy = parse_options(
        ExponentialRetryPolicy,
        {"initialDelaySeconds": 1, "factor": 2, "jitter": 0, "maxAttempts": 6},
    )

    assert waits(policy, retries=5) == [1, 2, 4, 8, 16]
    assert policy.summary == (
        "Waits 1 second, 2 times as long each time, up to 24 hours, before each of 5 retries."
    )


def test_its_defaults_are_a_quarter_of_a_minute_and_four_times_as_long_each_time() -> None:
    policy = ExponentialRetryPolicy()

    assert (policy.max_attempts, policy.factor, policy.jitter) == (8, 4, 0.1)
    assert policy.initial_delay == timedelta(seconds=15)
    assert policy.max_delay == timedelta(seconds=86400)


@given(retry=st.integers(1, 10**18), factor=st.floats(1, 10))
def test_no_number_of_retries_overflows(retry: int, factor: float) -> None:
    policy = ExponentialRetryPolicy(factor=factor)

    wait = policy.wait(retry=retry, now=NOW, random=Random(0))

    assert timedelta(seconds=13) <= wait <= policy.max_delay


@given(retry=st.integers(1, 49), jitter=st.floats(0, 1), seed=st.integers())
def test_jitter_strays_by_its_part_of_the_plan_at_most(
    retry: int, jitter: float, seed: int
) -> None:
    policy = ExponentialRetryPolicy(jitter=jitter)
    planned = timedelta(seconds=min(15 * 4 ** (retry - 1), 86400))

    wait = policy.wait(retry=retry, now=NOW, random=Random(seed))

    assert abs(wait - planned) <= planned * jitter + ROUNDING
    assert timedelta(seconds=1) <= wait <= policy.max_delay


def test_jitter_strays_to_both_sides() -> None:
    policy = ExponentialRetryPolicy()

    first_waits = [waits(policy, retries=1, seed=seed)[0] for seed in range(100)]

    assert 13.5 <= min(first_waits) < 14
    assert 16 < max(first_waits) <= 16.5


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("initialDelaySeconds", -1),
        ("factor", 0),
        ("factor", 10.5),
        ("factor", "2"),
        ("maxDelaySeconds", 0),
        ("jitter", -0.1),
        ("jitter", 1.1),
        ("base", 2),
    ],
)
def test_w11_a_wrong_setting_is_refused_where_it_is(key: str, value: float | str) -> None:
    assert errors_of("exponential", {key: value}) == [(key,)]
