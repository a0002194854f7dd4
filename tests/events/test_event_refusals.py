"""What is wrong with an event class is said where the class is defined."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, make_dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, List, Literal  # noqa: UP035 - what is tested

import pytest
from django.contrib.auth.models import User

from events import Event
from events.errors import InvalidEventClass
from events.event import event_type_of, event_types
from events.models import EventRecord
from events.publishing import publish
from events.registry import AlreadyRegistered

if TYPE_CHECKING:
    from collections import OrderedDict


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with event_types.scratch():
        yield


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Empty(enum.Enum):
    pass


class Amounts(enum.Enum):
    LITTLE = Decimal(1)


class Halved(enum.Enum):
    HIGH = "\ud800"


@dataclass
class Tree:
    name: str
    children: list[Tree]


@dataclass
class Hen:
    egg: Egg | None


@dataclass
class Egg:
    hen: Hen


def declare(*, name: str = "test.declared", hint: Any = int) -> None:
    type("Declared", (Event,), {"__annotations__": {"held": hint}}, name=name)


@pytest.mark.parametrize(
    "name",
    ["", "Paid", "a..b", ".paid", "a.", "a b", "a.b\n", "bücher", "1st", "a" * 101],
)
def test_a_name_that_is_not_lower_case_words_is_refused(name: str) -> None:
    with pytest.raises(InvalidEventClass, match="lower-case words joined by dots") as refused:
        declare(name=name)

    assert repr(name) in str(refused.value)
    assert name not in event_types


def test_a_name_of_a_hundred_characters_is_taken() -> None:
    declare(name="a" * 100)

    assert "a" * 100 in event_types


@pytest.mark.parametrize(
    "hint",
    [
        object,
        Any,
        None,
        bytes,
        complex,
        time,
        timedelta,
        list,
        list[bytes],
        dict[str, int],
        set[int],
        tuple[int, ...],
        int | str,
        int | str | None,
        Callable[[int], int],
        Literal["a", 1],
        Literal[True],
        Literal[b"a"],
        Literal[1, True],
        Literal["\ud800"],
        Halved,
        List,  # noqa: UP006 - what is tested
        Mixed,
        Empty,
        Amounts,
        list[Mixed] | None,
    ],
)
def test_a_type_that_json_cannot_hold_is_refused_by_the_name_of_its_field(hint: object) -> None:
    with pytest.raises(InvalidEventClass, match=r"Declared\.held is annotated .*Use str, int,"):
        declare(hint=hint)

    assert "test.declared" not in event_types


def test_a_bad_field_of_a_nested_dataclass_is_named_by_that_class() -> None:
    with pytest.raises(InvalidEventClass, match=r"^Box\.content is annotated <class 'bytes'>"):
        declare(hint=make_dataclass("Box", [("content", bytes)]))


@pytest.mark.parametrize(("hint", "name"), [(Tree, "Tree"), (Hen, "Hen"), (list[Egg], "Egg")])
def test_a_dataclass_that_contains_itself_is_refused(hint: object, name: str) -> None:
    with pytest.raises(InvalidEventClass, match=f"^{name} contains itself; .* must have an end"):
        declare(hint=hint)


def test_an_annotation_that_is_not_imported_at_run_time_is_named() -> None:
    with pytest.raises(InvalidEventClass, match=r"Typed: name 'OrderedDict'.*TYPE_CHECKING"):

        class Typed(Event, name="test.typed"):
            held: OrderedDict[str, int]


def test_w2_what_does_not_derive_from_event_is_neither_registered_nor_published(
    owner: User,
) -> None:
    class Stray:
        pass

    with pytest.raises(TypeError, match="takes no keyword arguments"):
        type("Named", (Stray,), {}, name="test.stray")
    with pytest.raises(TypeError, match="an instance of an Event class"):
        publish(Stray(), owner=owner)  # type: ignore[arg-type]  # what is tested

    assert "test.stray" not in event_types
    assert not EventRecord.objects.exists()


def test_w2_d11_a_second_class_of_the_same_name_is_refused_and_the_first_stays() -> None:
    class First(Event, name="test.same"):
        """It came first."""

    with pytest.raises(AlreadyRegistered, match=r"'test\.same' is already .*\.First>"):

        class Second(Event, name="test.same"):
            """It came second."""

    assert event_types.get("test.same").event_class is First


def test_two_names_with_the_same_symbol_are_refused_and_both_are_named() -> None:
    class First(Event, name="order-line.added"):
        """It came first."""

    with pytest.raises(InvalidEventClass) as refused:

        class Second(Event, name="order.line_added"):
            """It came second."""

    assert "'order.line_added' and 'order-line.added'" in str(refused.value)
    assert "ORDER_LINE_ADDED" in str(refused.value)
    assert "First" in str(refused.value)
    assert "Second" in str(refused.value)
    assert "order.line_added" not in event_types


def test_d10_an_event_without_a_name_of_its_own_has_no_type() -> None:
    class Base(Event):
        note: str

    class Named(Base, name="test.named"):
        pass

    class Nameless(Named):
        pass

    assert event_type_of(Named(note="")).name == "test.named"
    for nameless in (Base(note=""), Nameless(note=""), Event()):
        with pytest.raises(InvalidEventClass, match=r"no name of its own.*name=\"…\""):
            event_type_of(nameless)
