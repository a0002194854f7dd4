"""Retry policies: what one decides, what writing one takes, and those that can be chosen."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar, dataclass_transform

from delivery.http.outcomes import Outcome
from delivery.options import Between, Choice, Choices, OptionKind, options_of
from delivery.retry.waits import within_limits

_MOST_ATTEMPTS = 50

MaxAttempts: TypeAlias = Annotated[
    int, f"How many attempts to make in all, 1 to {_MOST_ATTEMPTS}.", Between(1, _MOST_ATTEMPTS)
]


@dataclass(frozen=True, kw_only=True)
class Retry:
    """The decision to try again at a time."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class GiveUp:
    """The decision to try no more, and why."""

    reason: str


class RetryPolicy(Choice):
    """Decides when a failed delivery is tried again. A policy of your own needs only `wait`.

    Decorate it with `retry_policy`; its fields are its options. One of them is `max_attempts`,
    unless it is a property: the number of attempts in all, the first included.
    """

    if TYPE_CHECKING:
        # Only declared: a property that existed would pass for the default of a field.
        @property
        def max_attempts(self) -> int:
            """How many attempts are made in all, the first included."""

    @abstractmethod
    def wait(self, *, retry: int, now: datetime, random: Random) -> timedelta:
        """Say how long to wait before a retry; the first one is number 1.

        It must depend on nothing but its arguments, and draw only from `random`.
        """

    def decide(
        self, *, outcome: Outcome, attempt: int, now: datetime, random: Random
    ) -> Retry | GiveUp:
        """Say what follows an attempt that was not accepted; the first one is number 1.

        Waits of less than a second or more than 30 days are brought to these limits, and there are
        never more than 50 attempts.
        """
        max_attempts = min(self.max_attempts, _MOST_ATTEMPTS)
        if attempt >= max_attempts:
            return GiveUp(
                reason=f"Attempt {attempt} of {max_attempts} failed. {outcome.error_message}"
            )
        wait = self.wait(retry=attempt, now=now, random=random)
        return Retry(at=now + within_limits(wait))

    @property
    def summary(self) -> str:
        """The policy in a sentence."""
        what = self.kind.description.split(". ")[0].removesuffix(".")
        return f"{what}; attempts in all: {self.max_attempts}."


def _check_attempts(cls: type) -> None:
    names = [option.name for option in options_of(cls)]
    if "max_attempts" not in names and not hasattr(cls, "max_attempts"):
        raise TypeError(
            f"{cls.__qualname__} lacks `max_attempts`. Add `max_attempts: MaxAttempts = 6`."
        )
    for option in options_of(cls):
        is_bounded = (
            option.kind is OptionKind.INTEGER
            and option.minimum is not None
            and option.maximum is not None
            and 1 <= option.minimum <= option.maximum <= _MOST_ATTEMPTS
        )
        if option.name == "max_attempts" and not is_bounded:
            raise TypeError(
                f"{cls.__qualname__}.max_attempts must be a whole number with bounds from 1 to "
                f"{_MOST_ATTEMPTS}. Declare it as MaxAttempts, or with narrower bounds."
            )


retry_policies: Choices[RetryPolicy] = Choices(
    noun="retry policy", base=RetryPolicy, method="wait", check=_check_attempts
)
Policy = TypeVar("Policy", bound=RetryPolicy)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def retry_policy(name: str, *, is_custom: bool = True) -> Callable[[type[Policy]], type[Policy]]:
    """Make a `RetryPolicy` a frozen dataclass of options and let it be chosen by `name`.

    The first paragraph of its docstring becomes its description. A class that is a dataclass
    already is taken as it is.

    Raises (when the class is defined):
        TypeError: The class, a field, its docstring or its `wait` is not as it must be.
        ValueError: The name is no camelCase identifier, a word of Python, or reserved.
        InvalidOptions: The defaults break a rule of the class's own `validate`.
        AlreadyRegistered: Another policy has the name.
        RegistryClosed: The policies have been read already.
    """

    def register(cls: type[Policy]) -> type[Policy]:
        return retry_policies.add(cls, name=name, is_custom=is_custom)

    return register
