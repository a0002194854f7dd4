"""What a field must be to be an option: whatever is wrong with one is told by class and name."""

from dataclasses import MISSING, dataclass
from dataclasses import field as dataclass_field
from datetime import timedelta
from typing import Annotated

import pytest

from delivery.options import Between, Length, options_of


@pytest.mark.parametrize(
    ("hint", "default", "complaint"),
    [
        (Annotated[dict[str, int], "Text."], MISSING, "no option can be"),
        (Annotated[int | None, "Text."], None, "no option can be"),
        (int, 1, "does not say what it is for"),
        (Annotated[int, "Text.", Between(1, 5)], 6, "must be from 1 to 5, not 6"),
        (Annotated[int, "Text."], True, "must be a whole number"),
        (Annotated[timedelta, "Text."], 5, "must be a whole number of seconds"),
        (Annotated[timedelta, "Text."], timedelta(milliseconds=1), "a whole number of seconds"),
        (Annotated[timedelta, "Text.", Between(1, 5)], MISSING, "timedelta bounds"),
        (Annotated[int, "Text.", Length(1, 5)], MISSING, "nothing to measure"),
        (Annotated[str, "Text.", Between(1, 5)], MISSING, "nothing to measure"),
    ],
)
def test_a_field_that_cannot_be_an_option_is_refused_by_class_and_name(
    hint: object, default: object, complaint: str
) -> None:
    body = {"__annotations__": {"knob": hint}, "knob": dataclass_field(default=default)}
    cls: type = dataclass(frozen=True)(type("Stove", (), body))

    with pytest.raises(TypeError, match=r"Stove\.knob") as refused:
        options_of(cls)

    assert complaint in str(refused.value)


def test_two_fields_with_one_key_are_refused() -> None:
    @dataclass(frozen=True)
    class Stove:
        delay: Annotated[timedelta, "Text."]
        delay_seconds: Annotated[int, "Text."]

    with pytest.raises(TypeError, match=r"share the key 'delaySeconds'"):
        options_of(Stove)


@pytest.mark.parametrize(
    "name", ["_hidden", "Loud", "größe", "loudNess", "is_type_of", "a__b", "a_"]
)
def test_a_name_that_graphql_cannot_carry_is_refused(name: str) -> None:
    cls: type = dataclass(frozen=True)(
        type("Stove", (), {"__annotations__": {name: Annotated[int, "Text."]}})
    )

    with pytest.raises(TypeError, match=rf"Stove\.{name} .*GraphQL could not carry"):
        options_of(cls)


def test_a_hint_that_cannot_be_read_is_refused() -> None:
    @dataclass(frozen=True)
    class Stove:
        knob: "Missing"  # type: ignore[name-defined]  # noqa: F821 - what is tested

    with pytest.raises(TypeError, match=r"Stove has a type hint that cannot be read.*Missing"):
        options_of(Stove)


def test_a_class_that_is_no_dataclass_has_no_options() -> None:
    with pytest.raises(TypeError, match="decorate it with @dataclass"):
        options_of(int)
