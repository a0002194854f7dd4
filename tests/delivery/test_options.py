"""Options: one declaration is validation, storage form and description."""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from datetime import timedelta
from typing import Annotated, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.options import (
    Between,
    InvalidOptions,
    Length,
    OptionError,
    OptionErrorCode,
    OptionKind,
    dump_options,
    options_of,
    options_schema,
    parse_options,
)

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Oven:
    """Has an option of each kind, two limits and a rule across two of them."""

    shelf_count: Annotated[int, "How many shelves.", Between(1, 5)]
    power: Annotated[float, "In kilowatts.", Between(0.5, 3)] = 2
    brand: Annotated[str, "The maker.", Length(1, 20)] = "Aga"
    has_fan: Annotated[bool, "Whether air moves."] = False
    bake: Annotated[timedelta, "How long to bake.", Between(SECOND, 9000 * SECOND)] = 60 * SECOND
    pauses: Annotated[
        tuple[timedelta, ...], "When to rest.", Between(SECOND, 60 * SECOND), Length(0, 3)
    ] = ()

    def validate(self) -> Iterator[OptionError]:
        """Find a fan in an oven too weak for it."""
        if self.has_fan and self.power < 1:
            yield OptionError(
                path=("hasFan",), code=OptionErrorCode.INVALID, message="hasFan needs power."
            )


def seconds(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low, high).map(lambda number: number * SECOND)


ovens = st.builds(
    Oven,
    shelf_count=st.integers(1, 5),
    power=st.floats(1, 3),
    brand=st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20
    ),
    has_fan=st.booleans(),
    bake=seconds(1, 9000),
    pauses=st.lists(seconds(1, 60), max_size=3).map(tuple),
)


def errors_of(**settings: Any) -> list[tuple[tuple[str, ...], OptionErrorCode]]:
    """What is wrong with the settings of an oven."""
    with pytest.raises(InvalidOptions) as refused:
        parse_options(Oven, settings)
    return [(error.path, error.code) for error in refused.value.errors]


def test_keys_are_camel_case_and_spans_of_time_are_in_seconds() -> None:
    assert [(option.key, option.kind) for option in options_of(Oven)] == [
        ("shelfCount", OptionKind.INTEGER),
        ("power", OptionKind.NUMBER),
        ("brand", OptionKind.TEXT),
        ("hasFan", OptionKind.BOOLEAN),
        ("bakeSeconds", OptionKind.SECONDS),
        ("pausesSeconds", OptionKind.SECONDS_LIST),
    ]


def test_an_option_carries_its_description_default_and_limits() -> None:
    by_key = {option.key: option for option in options_of(Oven)}

    assert by_key["shelfCount"].default is MISSING
    assert by_key["shelfCount"].is_required
    assert by_key["bakeSeconds"].description == "How long to bake."
    assert by_key["bakeSeconds"].default == timedelta(seconds=60)
    assert (by_key["bakeSeconds"].minimum, by_key["bakeSeconds"].maximum) == (1, 9000)
    assert by_key["brand"].max_length == 20


def test_what_is_left_out_gets_its_default() -> None:
    assert parse_options(Oven, {"shelfCount": 2}) == Oven(shelf_count=2)


def test_a_whole_number_will_do_for_a_number() -> None:
    oven = parse_options(Oven, {"shelfCount": 2, "power": 3})

    assert isinstance(oven.power, float)


@given(oven=ovens)
def test_what_is_dumped_is_parsed_back(oven: Oven) -> None:
    assert parse_options(Oven, dump_options(oven)) == oven


@given(oven=ovens)
def test_what_is_dumped_agrees_with_the_schema(oven: Oven) -> None:
    jsonschema.Draft202012Validator(options_schema(Oven)).validate(dump_options(oven))


def test_the_schema_is_one_and_says_what_is_required_and_what_is_default() -> None:
    schema: Any = options_schema(Oven)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["shelfCount"]
    assert "default" not in schema["properties"]["shelfCount"]
    assert schema["properties"]["bakeSeconds"] == {
        "type": "integer",
        "description": "How long to bake.",
        "default": 60,
        "minimum": 1,
        "maximum": 9000,
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"shelfCount": 0},
        {"shelfCount": True},
        {"shelfCount": 1, "brand": ""},
        {"shelfCount": 1, "pausesSeconds": [0]},
        {"shelfCount": 1, "pausesSeconds": [1, 1, 1, 1]},
        {"shelfCount": 1, "colour": "red"},
        {},
    ],
)
def test_the_schema_refuses_what_parsing_refuses(settings: dict[str, Any]) -> None:
    assert errors_of(**settings)
    assert not jsonschema.Draft202012Validator(options_schema(Oven)).is_valid(settings)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shelfCount", True),
        ("shelfCount", 1.5),
        ("shelfCount", None),
        ("power", "2"),
        ("power", False),
        ("brand", 7),
        ("brand", "a\0b"),
        ("brand", "\ud800"),
        ("hasFan", 1),
        ("bakeSeconds", 1.5),
        ("bakeSeconds", "PT1M"),
        ("bakeSeconds", {}),
        ("pausesSeconds", 5),
        ("pausesSeconds", "55"),
    ],
)
def test_a_value_of_another_kind_is_invalid(key: str, value: object) -> None:
    assert errors_of(**{"shelfCount": 1, key: value}) == [((key,), OptionErrorCode.INVALID)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shelfCount", 0),
        ("shelfCount", 6),
        pytest.param("shelfCount", 10**5000, id="a number too long for Python to print"),
        ("power", 0.4),
        ("power", 10**400),
        ("power", float("nan")),
        ("power", float("inf")),
        ("brand", ""),
        ("brand", "x" * 21),
        ("bakeSeconds", -1),
        ("pausesSeconds", [1, 2, 3, 4]),
    ],
)
def test_a_value_beyond_the_limits_is_out_of_range(key: str, value: object) -> None:
    assert errors_of(**{"shelfCount": 1, key: value}) == [((key,), OptionErrorCode.OUT_OF_RANGE)]


def test_an_entry_of_a_list_is_located_by_its_position() -> None:
    assert errors_of(shelfCount=1, pausesSeconds=[1, 61, "x"]) == [
        (("pausesSeconds", "1"), OptionErrorCode.OUT_OF_RANGE),
        (("pausesSeconds", "2"), OptionErrorCode.INVALID),
    ]


def test_all_errors_are_told_at_once() -> None:
    assert errors_of(power=9, hasFan="yes", shelf_count=1) == [
        (("shelf_count",), OptionErrorCode.INVALID),
        (("shelfCount",), OptionErrorCode.REQUIRED),
        (("power",), OptionErrorCode.OUT_OF_RANGE),
        (("hasFan",), OptionErrorCode.INVALID),
    ]


def test_an_error_says_what_was_found_and_what_is_wanted() -> None:
    with pytest.raises(InvalidOptions) as refused:
        parse_options(Oven, {"shelf_count": 1, "shelfCount": 9, "hasFan": None})

    assert [error.message for error in refused.value.errors] == [
        "shelf_count is not an option. Did you mean shelfCount?",
        "shelfCount must be from 1 to 5, not 9.",
        "hasFan must be true or false, not null.",
    ]


def test_a_rule_across_options_is_asked_once_each_by_itself_is_right() -> None:
    assert errors_of(shelfCount=1, hasFan=True, power=0.5) == [
        (("hasFan",), OptionErrorCode.INVALID)
    ]


@pytest.mark.parametrize(
    "oven",
    [
        Oven(shelf_count=9),
        Oven(shelf_count=1, bake=timedelta(milliseconds=1500)),
        Oven(shelf_count=1, has_fan=True, power=0.5),
    ],
)
def test_an_instance_that_could_not_be_parsed_back_is_not_dumped(oven: Oven) -> None:
    with pytest.raises(InvalidOptions):
        dump_options(oven)


@given(number=st.integers())
def test_a_whole_number_is_accepted_as_far_as_graphql_carries_it(number: int) -> None:
    @dataclass(frozen=True)
    class Counter:
        count: Annotated[int, "How many."]

    fits = -(2**31) <= number < 2**31
    try:
        accepted = parse_options(Counter, {"count": number}).count == number
    except InvalidOptions:
        accepted = False

    assert accepted == fits
