"""The names of types in exports: those of GraphQL, and never one for two types."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from typing import Any

from events import Event
from events.catalogue.catalogue import Catalogue
from events.event import EventType, event_types
from tests.events.catalogue.shapes import TYPES


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large something is; another than that of the shapes."""

    width: int


def declare(name: str, **fields: Any) -> EventType:
    """Return an event type that is forgotten at once."""
    with event_types.scratch():
        made: Any = type("Made", (Event,), {"__annotations__": fields}, name=name)
    found: EventType = made.__event_type__
    return found


def a_class(name: str, *, module: str) -> type:
    made = make_dataclass(name, [("depth", int)], frozen=True)
    made.__module__ = module
    return made


def names_of(*event_types: EventType, reserved: frozenset[str] = frozenset()) -> list[str]:
    catalogue = Catalogue(event_types, reserved=reserved)
    definitions = [each.name for each in catalogue.definitions]
    return definitions + [body.name for body in catalogue.bodies]


def test_types_have_the_names_that_graphql_has_for_them() -> None:
    assert names_of(declare("room.measured", size=Size)) == [
        "SizeData",
        "RoomMeasuredData",
        "RoomMeasuredBody",
    ]


def test_a_type_stands_after_those_that_it_is_made_of_and_only_once() -> None:
    door = make_dataclass("Door", [("size", Size)], frozen=True)

    names = names_of(declare("room.measured", doors=list[door], size=Size | None))  # type: ignore[valid-type] # made at run time

    assert names == ["SizeData", "DoorData", "RoomMeasuredData", "RoomMeasuredBody"]


def test_two_classes_of_one_name_are_both_named_after_their_modules() -> None:
    other = a_class("Size", module="shop.sizes")

    names = names_of(declare("room.measured", size=Size, other=other))

    assert names[:2] == ["TestsEventsCatalogueTestNamesSizeData", "ShopSizesSizeData"]


def test_two_classes_of_one_name_and_one_module_are_told_apart_as_well() -> None:
    one, other = (a_class("Box", module="shop") for _ in "ab")

    names = names_of(declare("room.measured", size=one, other=other))

    assert names[:2] == ["ShopBoxData", "ShopBoxData_"]


def test_two_event_types_of_one_name_are_told_apart() -> None:
    names = names_of(declare("room.v1"), declare("room.v.1"))

    assert len(set(names)) == 4


def test_a_name_that_the_form_needs_is_not_taken() -> None:
    names = names_of(declare("room.measured", size=Size), reserved=frozenset({"SizeData"}))

    assert names[0] == "TestsEventsCatalogueTestNamesSizeData"


def test_all_names_differ_and_do_not_depend_on_the_order_of_declaration() -> None:
    names = names_of(*TYPES)

    assert len(set(names)) == len(names)
    assert names == names_of(*reversed(TYPES))
