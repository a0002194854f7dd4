"""What writing a policy takes: whatever is wrong with one fails where it is defined."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

import pytest

from delivery.options import Between, InvalidOptions, OptionError, OptionErrorCode
from delivery.retry import (
    FixedRetryPolicy,
    MaxAttempts,
    RetryPolicy,
    retry_policies,
    retry_policy,
)
from events.registry import AlreadyRegistered
from tests.delivery.retry.policies import waits


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with retry_policies.scratch():
        yield


def test_a_policy_that_is_a_frozen_dataclass_already_is_taken_as_it_is() -> None:
    @retry_policy("steady")
    @dataclass(frozen=True, kw_only=True)
    class Steady(RetryPolicy):
        """Never changes."""

        max_attempts: MaxAttempts = 3

        def wait(self, **_: object) -> timedelta:
            return timedelta(seconds=7)

    assert waits(Steady(), retries=2) == [7, 7]


@pytest.mark.parametrize("name", ["business_hours", "BusinessHours", "größe", "2fast", "", "a b"])
def test_a_name_that_is_not_camel_case_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="camelCase"):
        retry_policy(name)(FixedRetryPolicy)


@pytest.mark.parametrize("name", ["lambda", "if"])
def test_a_name_that_is_a_word_of_python_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}': it is a word of Python's own"):
        retry_policy(name)(FixedRetryPolicy)


def test_the_name_of_the_fallback_is_refused() -> None:
    with pytest.raises(ValueError, match="Choose another name"):
        retry_policy("unregistered")(FixedRetryPolicy)


def test_a_taken_name_is_refused_and_the_first_policy_stays() -> None:
    with pytest.raises(AlreadyRegistered, match="FixedRetryPolicy"):

        @retry_policy("fixed")
        class Fixed(FixedRetryPolicy):
            """Waits the same time, again."""

    assert retry_policies.get("fixed") is FixedRetryPolicy
    assert not FixedRetryPolicy.kind.is_custom


def test_a_class_that_is_no_policy_is_refused() -> None:
    with pytest.raises(TypeError, match="Derive it from RetryPolicy"):
        retry_policy("number")(int)  # type: ignore[type-var]  # what is tested


def test_a_policy_without_a_wait_is_refused() -> None:
    with pytest.raises(TypeError, match="lacks `wait`"):

        @retry_policy("waitless")
        class Waitless(RetryPolicy):
            """Does not say how long."""

            max_attempts: MaxAttempts = 3


def test_a_wait_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError, match=r"wait\(self, \*, retry, now, random\)"):

        @retry_policy("curt")
        class Curt(RetryPolicy):
            """Asks for less than it is given."""

            max_attempts: MaxAttempts = 3

            def wait(self, retry: int) -> timedelta:  # type: ignore[override]  # what is tested
                return timedelta(seconds=retry)


def test_a_policy_without_a_docstring_is_refused() -> None:
    with pytest.raises(TypeError, match="lacks a docstring"):

        @retry_policy("silent")
        class Silent(FixedRetryPolicy):
            pass


def test_a_dataclass_without_a_docstring_is_refused() -> None:
    with pytest.raises(TypeError, match="lacks a docstring"):

        @retry_policy("silent")
        @dataclass(frozen=True, kw_only=True)
        class Silent(FixedRetryPolicy):
            pass


def test_a_policy_without_a_number_of_attempts_is_refused() -> None:
    with pytest.raises(TypeError, match="lacks `max_attempts`"):

        @retry_policy("endless")
        class Endless(RetryPolicy):
            """Does not say how often."""

            def wait(self, **_: object) -> timedelta:
                return timedelta(seconds=1)


@pytest.mark.parametrize(
    "hint",
    [
        Annotated[int, "How often.", Between(1, 51)],
        Annotated[int, "How often.", Between(0, 50)],
        Annotated[int, "How often."],
        Annotated[float, "How often.", Between(1, 50)],
        Annotated[timedelta, "How long.", Between(timedelta(seconds=1), timedelta(seconds=9))],
    ],
)
def test_a_number_of_attempts_that_could_be_above_50_or_none_is_refused(hint: object) -> None:
    body = {"__doc__": "Goes on.", "__annotations__": {"max_attempts": hint}}
    endless = type("Endless", (FixedRetryPolicy,), {**body, "max_attempts": field()})

    with pytest.raises(TypeError, match=r"Endless\.max_attempts must be .* from 1 to 50"):
        retry_policy("endless")(endless)

    assert "endless" not in retry_policies


def test_bounds_of_ones_own_within_1_to_50_are_taken() -> None:
    @retry_policy("brief")
    class Brief(FixedRetryPolicy):
        """Is soon done."""

        max_attempts: Annotated[int, "How often.", Between(2, 5)] = 2

    assert Brief.kind.name == "brief"


def test_an_option_of_a_name_that_graphql_cannot_carry_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Odd\.is_type_of has a name that GraphQL could not"):

        @retry_policy("odd")
        class Odd(FixedRetryPolicy):
            """Has an option by a name that is taken elsewhere."""

            is_type_of: Annotated[int, "A number."] = 1


def test_a_dataclass_that_can_change_is_refused() -> None:
    with pytest.raises(TypeError, match="frozen=True, kw_only=True"):

        @retry_policy("fickle")
        @dataclass
        class Fickle(RetryPolicy):
            """Can be changed."""

            max_attempts: MaxAttempts = 3

            def wait(self, **_: object) -> timedelta:
                return timedelta(seconds=1)


def test_an_option_that_hides_what_every_policy_has_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Masked\.summary hides"):

        @retry_policy("masked")
        class Masked(FixedRetryPolicy):
            """Has an option by a taken name."""

            summary: Annotated[str, "A text."] = ""


def test_a_field_that_cannot_be_an_option_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Odd\.zone is declared as"):

        @retry_policy("odd")
        class Odd(FixedRetryPolicy):
            """Has a field of no option's type."""

            zone: Annotated[object, "A thing."] = None


def test_defaults_that_break_the_policys_own_rule_are_refused() -> None:
    with pytest.raises(InvalidOptions, match="delaySeconds is never right"):

        @retry_policy("contrary")
        class Contrary(FixedRetryPolicy):
            """Refuses whatever it is set to."""

            def validate(self) -> Iterator[OptionError]:
                yield OptionError(
                    path=("delaySeconds",),
                    code=OptionErrorCode.INVALID,
                    message="delaySeconds is never right.",
                )
