"""When failed deliveries are tried again."""

from delivery.retry.exponential import ExponentialRetryPolicy
from delivery.retry.fixed import FixedRetryPolicy
from delivery.retry.linear import LinearRetryPolicy
from delivery.retry.policy import (
    GiveUp,
    MaxAttempts,
    Retry,
    RetryPolicy,
    retry_policies,
    retry_policy,
)
from delivery.retry.random_wait import RandomRetryPolicy
from delivery.retry.schedule import ScheduleRetryPolicy
from delivery.retry.storage import (
    UnregisteredRetryPolicy,
    default_policy,
    load_policy,
    store_policy,
)

__all__ = [
    "ExponentialRetryPolicy",
    "FixedRetryPolicy",
    "GiveUp",
    "LinearRetryPolicy",
    "MaxAttempts",
    "RandomRetryPolicy",
    "Retry",
    "RetryPolicy",
    "ScheduleRetryPolicy",
    "UnregisteredRetryPolicy",
    "default_policy",
    "load_policy",
    "retry_policies",
    "retry_policy",
    "store_policy",
]
