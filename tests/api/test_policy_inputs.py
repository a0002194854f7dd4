from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Annotated, Any

import pytest
import strawberry

from api.inputs.retry import build_retry_policy_input, read_retry_policy
from delivery.errors import Refused
from delivery.options import Between
from delivery.retry import MaxAttempts, RetryPolicy, retry_policies, retry_policy
from tests.delivery.retry.policies import waits


def choose(policy: dict[str, Any]) -> RetryPolicy:
    """Return the policy that a document chooses of those that are registered now."""
    chosen: list[RetryPolicy] = []
    policy_input = build_retry_policy_input()

    def choose_policy(policy: Any) -> bool:
        chosen.append(read_retry_policy(policy))
        return True

    choose_policy.__annotations__["policy"] = policy_input
    query = type("Query", (), {"choose": strawberry.field(resolver=choose_policy)})
    schema = strawberry.Schema(query=strawberry.type(query))
    document = "query ($policy: RetryPolicyInput!) { choose(policy: $policy) }"
    result = schema.execute_sync(document, variable_values={"policy": policy})
    if result.errors:
        raise result.errors[0].original_error or result.errors[0]
    [found] = chosen
    return found


def declare_custom() -> None:
    @retry_policy("custom")
    class CustomRetryPolicy(RetryPolicy):
        """Waits a shuffled table's worth, times a factor."""

        factor: Annotated[int, "By how much to multiply.", Between(1, 100)]
        max_attempts: MaxAttempts = 6

        def wait(self, *, retry: int, random: Random, **_: object) -> timedelta:
            return timedelta(seconds=self.factor * [1, 4, 3, 8, 5][retry - 1])


def test_w14_a_policy_of_the_projects_own_can_be_chosen() -> None:
    with retry_policies.scratch():
        declare_custom()

        policy = choose({"custom": {"factor": 5}})

    assert waits(policy, retries=5) == [5, 20, 15, 40, 25]


def test_w15_its_settings_are_checked_as_those_of_the_others() -> None:
    with retry_policies.scratch():
        declare_custom()

        with pytest.raises(Refused) as refusal:
            choose({"custom": {"factor": 0}})

    [mistake] = refusal.value.mistakes
    assert mistake.path == ("retry_policy", "custom", "factor")


@pytest.mark.parametrize("name", retry_policies.names())
def test_a_policy_with_no_settings_is_as_its_class_is_by_default(name: str) -> None:
    assert choose({name: {}}) == retry_policies.get(name)()
