"""Policies to test with, the waits they make, and an outcome for them to decide on."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from delivery.http.outcomes import Unreachable
from delivery.options import (
    InvalidOptions,
    Option,
    OptionKind,
    options_of,
    parse_options,
)
from delivery.retry import RetryPolicy, retry_policies
from events.fields import JsonValue

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROUNDING = timedelta(microseconds=1)
FAILURE = Unreachable(reason="Connection refused.")


def waits(policy: RetryPolicy, *, retries: int, seed: int = 0) -> list[float]:
    """The waits before the first retries of a policy, in seconds."""
    random = Random(seed)
    return [
        policy.wait(retry=retry, now=NOW, random=random).total_seconds()
        for retry in range(1, retries + 1)
    ]


def errors_of(name: str, settings: dict[str, JsonValue]) -> list[tuple[str, ...]]:
    """The paths of what is wrong with the settings of a policy."""
    try:
        parse_options(retry_policies.get(name), settings)
    except InvalidOptions as refused:
        return [error.path for error in refused.errors]
    return []


@st.composite
def policies(draw: st.DrawFn) -> RetryPolicy:
    """Any built-in policy with any settings that it accepts."""
    name = draw(st.sampled_from(retry_policies.names()))
    cls = retry_policies.get(name)
    settings = st.fixed_dictionaries(
        {}, optional={option.key: _values(option) for option in options_of(cls)}
    )
    accepted = draw(settings.filter(lambda drawn: not errors_of(name, drawn)))
    return parse_options(cls, accepted)


def _values(option: Option) -> st.SearchStrategy[JsonValue]:
    low, high = option.minimum, option.maximum
    assert low is not None
    assert high is not None
    if option.kind is OptionKind.NUMBER:
        return st.floats(low, high)
    numbers = st.integers(int(low), int(high))
    if option.kind is not OptionKind.SECONDS_LIST:
        return numbers
    assert option.min_length is not None
    return st.lists(numbers, min_size=option.min_length, max_size=option.max_length)
