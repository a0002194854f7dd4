"""Retry policies: an object type for each that is registered, and the list of them."""

from __future__ import annotations

import strawberry
from strawberry.scalars import JSON

from api.types.options import object_type
from delivery import retry
from delivery.options import options_schema
from delivery.retry import retry_policies


@strawberry.interface(description="When failed deliveries are tried again.")
class RetryPolicy:
    """What every retry policy shows."""

    name: str = strawberry.field(description="The policy's name, as in `RetryPolicyInput`.")
    max_attempts: int = strawberry.field(
        description="How many attempts are made in all, the first included."
    )
    summary: str = strawberry.field(description="The policy in a sentence.")


@strawberry.type(
    description=(
        "A policy whose class the host project no longer registers. "
        "Its webhooks keep the default policy's pace."
    )
)
class UnregisteredRetryPolicy(RetryPolicy):
    """What is left of a policy that cannot be read any more."""

    name: str = strawberry.field(description="The policy's name when it was chosen.")
    settings: JSON = strawberry.field(description="What it was set to.")

    @classmethod
    def is_type_of(cls, policy: object, _info: object) -> bool:
        """Return whether an object is shown as this type."""
        return isinstance(policy, retry.UnregisteredRetryPolicy)


RETRY_POLICY_TYPES = (
    *(
        object_type(policy, interface=RetryPolicy, leave_out={"max_attempts"})
        for policy in retry_policies
    ),
    UnregisteredRetryPolicy,
)
"""The object types that implement `RetryPolicy`."""


@strawberry.type(description="A retry policy that can be chosen.")
class RetryPolicyKind:
    """A registered policy class."""

    name: str = strawberry.field(description="The policy's name, as in `RetryPolicyInput`.")
    description: str = strawberry.field(description="What it does.")
    is_custom: bool = strawberry.field(description="Whether the host project added it.")
    settings_schema: JSON = strawberry.field(
        description="The JSON Schema of its settings, defaults included."
    )


def retry_policy_kinds() -> list[RetryPolicyKind]:
    """Return the policies that can be chosen, by name."""
    return [
        RetryPolicyKind(
            name=policy.kind.name,
            description=policy.kind.description,
            is_custom=policy.kind.is_custom,
            settings_schema=JSON(options_schema(policy)),
        )
        for policy in retry_policies
    ]
