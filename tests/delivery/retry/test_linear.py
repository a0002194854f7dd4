"""The linear policy."""

from datetime import timedelta

import pytest

from delivery.options import parse_options
from delivery.retry import LinearRetryPolicy
from tests.delivery.retry.policies import errors_of, waits


def test_w7_linear_waits_a_minute_longer_each_time_up_to_ten_minutes() -> None:
    policy = parse_options(
        LinearRetryPolicy, {"initialDelaySeconds": 60, "stepSeconds": 60, "maxDelaySeconds": 600}
    )

    assert waits(policy, retries=12) == [min(60 * retry, 600) for retry in range(1, 13)]


def test_its_defaults_are_half_a_minute_and_a_minute_more_each_time_up_to_a_day() -> None:
    policy = LinearRetryPolicy()

    assert policy.max_attempts == 6
    assert policy.max_delay == timedelta(seconds=86400)
    assert waits(policy, retries=3) == [30, 90, 150]
    assert policy.summary == (
        "Waits 30 seconds, 60 seconds longer each time, up to 24 hours, before each of 5 retries."
    )


@pytest.mark.parametrize("key", ["initialDelaySeconds", "stepSeconds", "maxDelaySeconds"])
@pytest.mark.parametrize("value", [-60, 0, "60", None])
def test_w11_a_wrong_setting_is_refused_where_it_is(key: str, value: int | str | None) -> None:
    assert errors_of("linear", {key: value}) == [(key,)]
