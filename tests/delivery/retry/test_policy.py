"""What every policy does, the built-in ones and those of a project."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.http.outcomes import HttpAnswer, Rejected
from delivery.options import Between, parse_options
from delivery.retry import (
    FixedRetryPolicy,
    GiveUp,
    MaxAttempts,
    Retry,
    RetryPolicy,
    retry_policies,
    retry_policy,
)
from events.registry import NotRegistered
from tests.delivery.retry.policies import FAILURE, NOW, errors_of, policies, waits


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with retry_policies.scratch():
        yield


def decide(policy: RetryPolicy, *, attempt: int, seed: int = 0) -> Retry | GiveUp:
    return policy.decide(outcome=FAILURE, attempt=attempt, now=NOW, random=Random(seed))


@given(policy=policies())
def test_a_policy_gives_up_exactly_at_its_last_attempt(policy: RetryPolicy) -> None:
    decisions = [decide(policy, attempt=n) for n in range(1, policy.max_attempts + 2)]

    kinds = [type(decision) for decision in decisions]
    assert kinds == [Retry] * (policy.max_attempts - 1) + [GiveUp, GiveUp]


@given(policy=policies(), seed=st.integers(), data=st.data())
def test_a_retry_is_never_at_once_and_never_after_more_than_thirty_days(
    policy: RetryPolicy, seed: int, data: st.DataObject
) -> None:
    retry = data.draw(st.integers(1, max(1, policy.max_attempts - 1)))
    if retry < policy.max_attempts:
        wait = policy.wait(retry=retry, now=NOW, random=Random(seed))

        assert timedelta(seconds=1) <= wait <= timedelta(days=30)
        assert decide(policy, attempt=retry, seed=seed) == Retry(at=NOW + wait)


def test_there_are_never_more_than_50_attempts() -> None:
    @retry_policy("endless")
    class Endless(RetryPolicy):
        """Counts on its own."""

        @property
        def max_attempts(self) -> int:
            return 1000

        def wait(self, **_: object) -> timedelta:
            return timedelta(seconds=1)

    assert isinstance(decide(Endless(), attempt=49), Retry)
    assert isinstance(decide(Endless(), attempt=50), GiveUp)


@given(policy=policies())
def test_every_summary_is_one_sentence(policy: RetryPolicy) -> None:
    assert policy.summary[0].isupper()
    assert policy.summary.endswith(".")
    assert ". " not in policy.summary


def test_giving_up_says_how_the_last_attempt_ended() -> None:
    answer = HttpAnswer(status_code=503, headers=(), body="", is_truncated=False)

    decision = FixedRetryPolicy(max_attempts=3).decide(
        outcome=Rejected(answer=answer), attempt=3, now=NOW, random=Random(0)
    )

    assert decision == GiveUp(
        reason=f"Attempt 3 of 3 failed. {Rejected(answer=answer).error_message}"
    )


def test_the_built_in_policies_are_registered_with_their_descriptions() -> None:
    assert retry_policies.names() == ("exponential", "fixed", "linear", "random", "schedule")
    assert not any(cls.kind.is_custom for cls in retry_policies)
    assert FixedRetryPolicy.kind.description == "Waits the same time before each attempt."


def test_w12_an_unknown_policy_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotRegistered, match=r"'exponental'.*Did you mean 'exponential'\?"):
        retry_policies.get("exponental")


def define_zigzag() -> type[RetryPolicy]:
    @retry_policy("zigzag")
    class Zigzag(RetryPolicy):
        """Waits twice as long before every second retry.

        Otherwise it grows with the number of the retry.
        """

        max_attempts: MaxAttempts = 6
        factor: Annotated[int, "The first wait, in seconds.", Between(1, 60)] = 1

        def wait(self, *, retry: int, now: datetime, random: Random) -> timedelta:
            del now, random
            return timedelta(seconds=self.factor * retry * (1 if retry % 2 else 2))

    return Zigzag


def test_w14_a_custom_policy_is_chosen_by_name_and_waits_as_it_was_written_to() -> None:
    define_zigzag()

    policy = parse_options(retry_policies.get("zigzag"), {"factor": 5})

    assert waits(policy, retries=5) == [5, 20, 15, 40, 25]
    assert decide(policy, attempt=2) == Retry(at=NOW + timedelta(seconds=20))


def test_w14_a_custom_policy_is_described_by_its_docstring() -> None:
    zigzag = define_zigzag()

    assert zigzag.kind.is_custom
    assert zigzag.kind.name == "zigzag"
    assert zigzag.kind.description == "Waits twice as long before every second retry."
    assert parse_options(zigzag, {}).summary == (
        "Waits twice as long before every second retry; attempts in all: 6."
    )


def test_w15_a_custom_policy_is_refused_under_the_setting_that_is_wrong() -> None:
    define_zigzag()

    assert errors_of("zigzag", {"factor": 0}) == [("factor",)]


def test_w15_a_policy_without_registration_cannot_be_chosen() -> None:
    assert "zigzag" not in retry_policies


def test_a_custom_policy_cannot_wait_less_than_a_second_or_more_than_thirty_days() -> None:
    @retry_policy("rash")
    class Rash(RetryPolicy):
        """Waits what it is told to."""

        max_attempts: MaxAttempts = 3
        hours: Annotated[int, "How long to wait."] = 0

        def wait(self, **_: object) -> timedelta:
            return timedelta(hours=self.hours)

    assert decide(Rash(hours=-1), attempt=1) == Retry(at=NOW + timedelta(seconds=1))
    assert decide(Rash(hours=10_000), attempt=1) == Retry(at=NOW + timedelta(days=30))
