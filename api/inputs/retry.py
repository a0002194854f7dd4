"""Retry policies as callers choose them: one input type for each that is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry

from api.types.retry import OPTION_TYPES
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.options import InvalidOptions, Option, options_of, parse_options
from delivery.options.values import dump
from delivery.retry import RetryPolicy, retry_policies


def build_retry_policy_input() -> type:
    """Return the input that holds exactly one of the registered policies."""
    attributes: dict[str, Any] = {
        policy.kind.name: strawberry.field(
            default=strawberry.UNSET, description=policy.kind.description
        )
        for policy in retry_policies
    }
    attributes["__annotations__"] = {
        policy.kind.name: _settings_input(policy) | None for policy in retry_policies
    }
    made = type("RetryPolicyInput", (), attributes)
    return strawberry.input(made, one_of=True, description="Exactly one retry policy.")


def read_retry_policy(chosen: RetryPolicyInput) -> RetryPolicy:
    """Return the policy that a caller chose; raises `Refused` with every mistake in it."""
    # GraphQL has seen to it that there is exactly one.
    name, given = next(item for item in vars(chosen).items() if item[1] is not strawberry.UNSET)
    policy = retry_policies.get(name)
    settings = {option.key: getattr(given, option.name) for option in options_of(policy)}
    try:
        return parse_options(policy, settings)
    except InvalidOptions as invalid:
        raise Refused(
            *(
                Mistake(
                    code=ErrorCode[error.code.name],
                    message=error.message,
                    path=("retry_policy", name, *error.path),
                )
                for error in invalid.errors
            )
        ) from None


def _settings_input(policy: type[RetryPolicy]) -> type:
    name = policy.kind.name
    options = options_of(policy)
    attributes: dict[str, Any] = {option.name: _field(option) for option in options}
    attributes["__annotations__"] = {option.name: OPTION_TYPES[option.kind] for option in options}
    made = type(f"{name[0].upper()}{name[1:]}RetryPolicyInput", (), attributes)
    return strawberry.input(made, description=policy.kind.description)


def _field(option: Option) -> Any:
    if option.is_required:
        return strawberry.field(name=option.key, description=option.description)
    return strawberry.field(
        name=option.key,
        description=option.description,
        default_factory=lambda: dump(option.default),
    )


if TYPE_CHECKING:

    class RetryPolicyInput:
        """Exactly one retry policy; its attributes are the names of the registered ones."""

else:
    RetryPolicyInput = build_retry_policy_input()
