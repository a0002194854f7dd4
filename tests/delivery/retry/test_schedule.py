"""The schedule, which is the default policy."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.options import parse_options
from delivery.retry import ScheduleRetryPolicy
from tests.delivery.retry.policies import NOW, ROUNDING, errors_of, waits

HOUR = 3600


def test_w13_the_default_is_nine_waits_of_75_h_35_m_5_s_in_all() -> None:
    policy = parse_options(ScheduleRetryPolicy, {"jitter": 0})

    assert policy.max_attempts == 10
    assert waits(policy, retries=9) == [
        *(5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
    ]
    assert sum(policy.delays, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)


def test_w13_the_default_is_jittered() -> None:
    assert ScheduleRetryPolicy().jitter == 0.1
    assert waits(ScheduleRetryPolicy(), retries=9, seed=1) != waits(
        ScheduleRetryPolicy(), retries=9, seed=2
    )


def test_its_summary_lists_the_waits() -> None:
    policy = parse_options(ScheduleRetryPolicy, {"delaysSeconds": [5, 600]})

    assert policy.summary == (
        "Waits 5 seconds, then 10 minutes, give or take 10%, before each of 2 retries."
    )


@given(
    seconds=st.lists(st.integers(1, 7 * 86400), min_size=1, max_size=49),
    jitter=st.floats(0, 1),
    seed=st.integers(),
)
def test_each_wait_is_as_listed_but_for_its_jitter_and_never_under_a_second(
    seconds: list[int], jitter: float, seed: int
) -> None:
    policy = parse_options(ScheduleRetryPolicy, {"delaysSeconds": [*seconds], "jitter": jitter})
    random = Random(seed)

    for retry, delay in enumerate(policy.delays, start=1):
        wait = policy.wait(retry=retry, now=NOW, random=random)

        assert abs(wait - delay) <= delay * jitter + ROUNDING
        assert wait >= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"delaysSeconds": []}, ("delaysSeconds",)),
        ({"delaysSeconds": [1] * 50}, ("delaysSeconds",)),
        ({"delaysSeconds": [5, 0]}, ("delaysSeconds", "1")),
        ({"delaysSeconds": [7 * 86400 + 1]}, ("delaysSeconds", "0")),
        ({"jitter": 2}, ("jitter",)),
        ({"maxAttempts": 5}, ("maxAttempts",)),
    ],
)
def test_w11_a_wrong_setting_is_refused_where_it_is(
    settings: dict[str, Any], path: tuple[str, ...]
) -> None:
    assert errors_of("schedule", settings) == [path]
