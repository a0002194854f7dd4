"""Retry policies: what one decides, what writing one takes, and those that can be chosen."""

import inspect
import keyword
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from random import Random
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    TypeAlias,
    TypeVar,
    dataclass_transform,
)

from delivery.http.outcomes import Outcome
from delivery.options import Between, OptionKind, options_of, parse_options
from delivery.retry.waits import within_limits
from events.registry import Registry

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


@dataclass(frozen=True, kw_only=True)
class RetryPolicyKind:
    """What a registered policy class is, to those who choose one."""

    name: str
    description: str
    is_custom: bool


class RetryPolicy(ABC):
    """Decides when a failed delivery is tried again. A policy of your own needs only `wait`.

    Decorate it with `retry_policy`; its fields are its options. One of them is `max_attempts`,
    unless it is a property: the number of attempts in all, the first included.
    """

    kind: ClassVar[RetryPolicyKind]

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
    def name(self) -> str:
        """The name that the policy is chosen by."""
        return self.kind.name

    @property
    def summary(self) -> str:
        """The policy in a sentence."""
        what = self.kind.description.split(". ")[0].removesuffix(".")
        return f"{what}; attempts in all: {self.max_attempts}."


Policy = TypeVar("Policy", bound=RetryPolicy)

retry_policies: Registry[type[RetryPolicy]] = Registry(noun="retry policy")


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
        _check_name(name)
        _check_class(cls)
        policy = cls if _is_itself_a_dataclass(cls) else dataclass(frozen=True, kw_only=True)(cls)
        _check_fields(policy)
        retry_policies.register(name, policy)
        policy.kind = RetryPolicyKind(
            name=name, description=_description(policy), is_custom=is_custom
        )
        return policy

    return register


def _check_name(name: str) -> None:
    if not re.fullmatch("[a-z][A-Za-z0-9]*", name):
        raise ValueError(
            f"A retry policy cannot be named {name!r}, for GraphQL could not carry it. "
            "Name it in camelCase, such as 'businessHours'."
        )
    if keyword.iskeyword(name):
        raise ValueError(
            f"A retry policy cannot be named {name!r}: it is a word of Python's own. "
            "Choose another name."
        )
    if name == "unregistered":
        raise ValueError(
            "A retry policy cannot be named 'unregistered': this is what one is called whose "
            "class is gone. Choose another name."
        )


def _check_class(cls: type) -> None:
    if not issubclass(cls, RetryPolicy):
        raise TypeError(f"{cls.__qualname__} is no retry policy. Derive it from RetryPolicy.")
    if inspect.isabstract(cls):
        raise TypeError(f"{cls.__qualname__} lacks `wait`. Define it as RetryPolicy does.")
    try:
        inspect.signature(cls.wait).bind(None, retry=1, now=None, random=None)
    except TypeError as error:
        raise TypeError(
            f"{cls.__qualname__}.wait cannot be called as it will be ({error}). Define it as "
            "wait(self, *, retry, now, random)."
        ) from None
    if not _description(cls):
        raise TypeError(f"{cls.__qualname__} lacks a docstring. Say in it what the policy does.")


def _description(cls: type) -> str:
    text = inspect.cleandoc(cls.__doc__ or "")
    # A dataclass without a docstring is given its signature for one.
    if text.startswith(f"{cls.__name__}("):
        return ""
    return " ".join(text.split("\n\n")[0].split())


def _is_itself_a_dataclass(cls: type) -> bool:
    return "__dataclass_fields__" in vars(cls)


def _check_fields(cls: Any) -> None:  # Any: the type of dataclasses is private to typeshed.
    where = cls.__qualname__
    if not cls.__dataclass_params__.frozen or not all(field.kw_only for field in fields(cls)):
        raise TypeError(f"{where} must be @dataclass(frozen=True, kw_only=True).")
    names = [field.name for field in fields(cls)]
    for name in names:
        if name == "kind" or hasattr(RetryPolicy, name):
            raise TypeError(f"{where}.{name} hides what every policy has. Rename it.")
    if "max_attempts" not in names and not hasattr(cls, "max_attempts"):
        raise TypeError(f"{where} lacks `max_attempts`. Add `max_attempts: MaxAttempts = 6`.")
    _check_attempts(cls)
    if not any(option.is_required for option in options_of(cls)):
        parse_options(cls, {})


def _check_attempts(cls: type) -> None:
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
