"""Policies in rows: written, read back, and read when their classes are gone."""

import json
from typing import Annotated

import pytest
from hypothesis import given

from delivery.options import InvalidOptions, StoredChoice
from delivery.retry import (
    FixedRetryPolicy,
    MaxAttempts,
    RetryPolicy,
    ScheduleRetryPolicy,
    UnregisteredRetryPolicy,
    default_policy,
    load_policy,
    retry_policies,
    retry_policy,
    store_policy,
)
from events.fields import JsonValue
from events.registry import NotRegistered
from tests.delivery.retry.policies import policies, waits


@given(policy=policies())
def test_every_policy_is_read_back_from_storage_as_it_was(policy: RetryPolicy) -> None:
    row = json.dumps(store_policy(policy).to_json())

    assert load_policy(StoredChoice.from_json(json.loads(row))) == policy


def test_a_stored_policy_is_a_name_and_settings() -> None:
    assert store_policy(FixedRetryPolicy()).to_json() == {
        "name": "fixed",
        "settings": {"maxAttempts": 6, "delaySeconds": 60},
    }


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"name": "fixed"},
        {"name": 1, "settings": {}},
        {"name": "fixed", "settings": []},
        {"name": "fixed", "settings": {}, "more": 1},
    ],
)
def test_what_is_no_stored_choice_is_refused(stored: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match="no stored choice"):
        StoredChoice.from_json(stored)


def test_w13_none_stored_is_the_default_schedule() -> None:
    assert load_policy(None) == default_policy() == ScheduleRetryPolicy()


def test_a_policy_whose_class_is_gone_keeps_its_settings_and_the_default_pace() -> None:
    stored = StoredChoice(name="lunar", settings={"phase": "full"})

    policy = load_policy(stored)

    assert isinstance(policy, UnregisteredRetryPolicy)
    assert (policy.name, policy.settings) == ("lunar", {"phase": "full"})
    assert policy.max_attempts == default_policy().max_attempts
    assert waits(policy, retries=9) == waits(default_policy(), retries=9)
    assert policy.summary.endswith(default_policy().summary)
    assert store_policy(policy) == stored


def test_settings_that_are_no_longer_accepted_keep_the_default_pace() -> None:
    stored = StoredChoice(name="fixed", settings={"delaySeconds": -1})

    policy = load_policy(stored)

    assert isinstance(policy, UnregisteredRetryPolicy)
    assert store_policy(policy) == stored


def test_a_policy_that_could_not_be_read_back_is_not_stored() -> None:
    with pytest.raises(InvalidOptions, match="maxAttempts must be from 1 to 50, not 99"):
        store_policy(FixedRetryPolicy(max_attempts=99))


def test_w15_a_policy_that_was_not_registered_is_not_stored() -> None:
    class Slow(FixedRetryPolicy):
        """Has the name of another policy."""

    with pytest.raises(NotRegistered, match="Slow is not registered"):
        store_policy(Slow())


def test_w14_a_custom_policy_is_stored_and_read_back() -> None:
    with retry_policies.scratch():

        @retry_policy("patient")
        class Patient(FixedRetryPolicy):
            """Waits long and says whom for."""

            max_attempts: MaxAttempts = 3
            visitor: Annotated[str, "Whom to wait for."] = "anybody"

        policy = Patient(visitor="the postman")

        assert load_policy(store_policy(policy)) == policy
