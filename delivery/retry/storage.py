"""The stored form of retry policies, and what becomes of one whose class is gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from delivery.options import InvalidOptions, dump_options, parse_options
from delivery.retry.policy import RetryPolicy, retry_policies
from delivery.retry.schedule import ScheduleRetryPolicy
from events.fields import JsonValue
from events.registry import NotRegistered


@dataclass(frozen=True, kw_only=True)
class StoredPolicy:
    """A retry policy as a row keeps it: the registered name and the settings."""

    name: str
    settings: Mapping[str, JsonValue]

    def to_json(self) -> dict[str, JsonValue]:
        """Write it as `{"name": …, "settings": {…}}`."""
        return {"name": self.name, "settings": dict(self.settings)}

    @classmethod
    def from_json(cls, stored: Mapping[str, JsonValue]) -> "StoredPolicy":
        """Read what `to_json` wrote.

        Raises:
            ValueError: It is something else.
        """
        match stored:
            case {"name": str(name), "settings": Mapping() as settings, **rest} if not rest:
                return cls(name=name, settings=settings)
            case _:
                raise ValueError(
                    f"{stored!r} is no stored retry policy. One has a name and settings."
                )


@dataclass(frozen=True, kw_only=True)
class UnregisteredRetryPolicy(RetryPolicy):
    """Keeps the default policy's pace for a policy that the project can no longer read.

    Its class is not registered any more, or refuses the settings that it once accepted.
    """

    stored: StoredPolicy

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


def store_policy(policy: RetryPolicy) -> StoredPolicy:
    """Write a policy in its stored form.

    Raises:
        NotRegistered: The policy's class was not decorated with `retry_policy`.
        InvalidOptions: The policy holds something that could not be read back.
    """
    if isinstance(policy, UnregisteredRetryPolicy):
        return policy.stored
    cls = type(policy)
    # A subclass of a registered class has its name as well, and is still something else.
    if cls not in list(retry_policies):
        raise NotRegistered(f"{cls.__qualname__} is not registered. Decorate it, @retry_policy(…).")
    return StoredPolicy(name=policy.name, settings=dump_options(policy))


def load_policy(stored: StoredPolicy | None) -> RetryPolicy:
    """Read a policy from its stored form; None is the default policy.

    A row that was written when other classes were registered still gives a policy, an
    `UnregisteredRetryPolicy`.
    """
    if stored is None:
        return default_policy()
    cls = retry_policies.find(stored.name)
    if cls is None:
        return UnregisteredRetryPolicy(stored=stored)
    try:
        return parse_options(cls, stored.settings)
    except InvalidOptions:
        return UnregisteredRetryPolicy(stored=stored)
