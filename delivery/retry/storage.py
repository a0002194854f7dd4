"""The stored form of retry policies, and what becomes of one whose class is gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from delivery.options import StoredChoice
from delivery.retry.policy import RetryPolicy, retry_policies
from delivery.retry.schedule import ScheduleRetryPolicy
from events.fields import JsonValue


@dataclass(frozen=True, kw_only=True)
class UnregisteredRetryPolicy(RetryPolicy):
    """Keeps the default policy's pace for a policy that the project can no longer read.

    Its class is not registered any more, or refuses the settings that it once accepted.
    """

    stored: StoredChoice

    def wait(self, *, retry: int, now: datetime, random: Random) -> timedelta:
        """Wait as the default policy does."""
        return default_policy().wait(retry=retry, now=now, random=random)

    @property
    def max_attempts(self) -> int:
        """As many as the default policy makes."""
        return default_policy().max_attempts

    @property
    def name(self) -> str:
        """The name that the policy was chosen by."""
        return self.stored.name

    @property
    def settings(self) -> Mapping[str, JsonValue]:
        """What the policy was set to."""
        return self.stored.settings

    @property
    def summary(self) -> str:
        """The policy in a sentence."""
        return f"Cannot be read any more and does as the default: {default_policy().summary}"


def default_policy() -> RetryPolicy:
    """Give the policy of a webhook that chose none: nine waits from 5 seconds to 24 hours."""
    return ScheduleRetryPolicy()


def store_policy(policy: RetryPolicy) -> StoredChoice:
    """Write a policy in its stored form.

    Raises:
        NotRegistered: The policy's class was not decorated with `retry_policy`.
        InvalidOptions: The policy holds something that could not be read back.
    """
    if isinstance(policy, UnregisteredRetryPolicy):
        return policy.stored
    return retry_policies.store(policy)


def load_policy(stored: StoredChoice | None) -> RetryPolicy:
    """Read a policy from its stored form; None is the default policy.

    A row that was written when other classes were registered still gives a policy, an
    `UnregisteredRetryPolicy`.
    """
    if stored is None:
        return default_policy()
    return retry_policies.load(stored) or UnregisteredRetryPolicy(stored=stored)
