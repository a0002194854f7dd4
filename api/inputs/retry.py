"""Retry policies as callers choose them: one input type for each that is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.inputs.options import build_choice_input, read_choice
from delivery.retry import RetryPolicy, retry_policies


def build_retry_policy_input() -> type:
    """Return the input that holds exactly one of the registered policies."""
    return build_choice_input(
        retry_policies, name="RetryPolicyInput", description="Exactly one retry policy."
    )


def read_retry_policy(chosen: RetryPolicyInput) -> RetryPolicy:
    """Return the policy that a caller chose; raises `Refused` with every mistake in it."""
    return read_choice(chosen, retry_policies, path=("retry_policy",))


if TYPE_CHECKING:

    class RetryPolicyInput:
        """Exactly one retry policy; its attributes are the names of the registered ones."""

else:
    RetryPolicyInput = build_retry_policy_input()
