"""The fixed policy."""

from datetime import timedelta

import pytest

from delivery.options import parse_options
from delivery.retry import FixedRetryPolicy
from tests.delivery.retry.policies import errors_of, waits


def test_w9_fixed_waits_the_same_time_before_each_retry() -> None:
    policy = parse_options(FixedRetryPolicy, {"delaySeconds": 30})

    assert waits(policy, retries=3) == [30, 30, 30]


def test_it_makes_six_attempts_a_minute_apart_unless_told_otherwise() -> None:
    policy = FixedRetryPolicy()

    assert (policy.max_attempts, policy.delay) == (6, timedelta(seconds=60))
    assert policy.summary == "Waits 60 seconds before each of 5 retries."


def test_d21_three_retries_are_four_attempts() -> None:
    policy = parse_options(FixedRetryPolicy, {"maxAttempts": 4})

    assert policy.summary == "Waits 60 seconds before each of 3 retries."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("delaySeconds", 0),
        ("delaySeconds", -30),
        ("delaySeconds", 30 * 86400 + 1),
        ("delaySeconds", "30"),
        ("delaySeconds", 1.5),
        ("maxAttempts", 0),
        ("maxAttempts", 51),
        ("seconds", 30),
    ],
)
def test_w11_a_wrong_setting_is_refused_where_it_is(key: str, value: float | str) -> None:
    assert errors_of("fixed", {key: value}) == [(key,)]
