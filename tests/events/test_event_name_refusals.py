"""What GraphQL could not carry or nobody could read back is refused at definition."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from dataclasses import InitVar, dataclass, field, make_dataclass
from typing import Any

import pytest

from events import Event
from events.errors import InvalidEventClass
from events.event import event_types
from events.payload import decode_payload, encode_payload


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with event_types.scratch():
        yield


def declare(**hints: Any) -> None:
    type("Declared", (Event,), {"__annotations__": hints}, name="test.declared")


BAD_NAMES = [
    "größe",
    "Foo",
    "fooBar",
    "_hidden",
    "__x",
    "a__b",
    "class_",
    "_",
    "is_type_of",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_field_that_graphql_cannot_carry_is_refused_by_class_and_name(name: str) -> None:
    with pytest.raises(InvalidEventClass, match=rf"^Declared\.{name} cannot have .*Rename it: "):
        declare(**{name: int})

    assert "test.declared" not in event_types


@pytest.mark.parametrize("name", BAD_NAMES)
def test_such_a_field_of_a_nested_dataclass_is_refused_as_well(name: str) -> None:
    with pytest.raises(InvalidEventClass, match=rf"^Box\.{name} cannot have "):
        declare(box=make_dataclass("Box", [(name, int)]))


@pytest.mark.parametrize("name", ["a", "order_id", "line_1", "line1", "x2_y2", "type_of", "self"])
def test_ordinary_names_are_taken(name: str) -> None:
    declare(**{name: int})

    payload = f'{{"{name}":1}}'
    assert encode_payload(decode_payload(event_types.get("test.declared"), payload)) == payload


def test_two_fields_of_one_name_in_graphql_are_refused_and_both_are_named() -> None:
    with pytest.raises(
        InvalidEventClass, match=r"^Declared\.line_1 and Declared\.line1 would both be line1 "
    ):
        declare(line_1=int, line1=int)


@pytest.mark.parametrize("name", ["Größe", "__Size"])
def test_a_class_whose_name_graphql_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(InvalidEventClass, match=rf"\.{name} cannot be a type .*Rename it"):
        declare(held=enum.Enum(name, {"RED": "red"}))
    with pytest.raises(InvalidEventClass, match=rf"\.?{name} cannot be a type .*Rename it"):
        declare(held=make_dataclass(name, [("held", int)]))


def test_a_field_that_cannot_be_given_is_refused() -> None:
    with pytest.raises(InvalidEventClass, match=r"Totalled cannot be made of .*'total'.*init="):

        class Totalled(Event, name="test.totalled"):
            """It has a sum."""

            total: int = field(init=False, default=3)


def test_a_dataclass_that_asks_for_more_than_its_fields_is_refused() -> None:
    @dataclass
    class Priced:
        price: int
        currency: InitVar[str]

    with pytest.raises(InvalidEventClass, match=r"Priced cannot be made of .*'currency'"):
        declare(price=Priced)
    assert [found.name for found in dataclasses.fields(Priced)] == ["price"]
