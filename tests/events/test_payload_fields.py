"""The fields of a payload as a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from events import Event
from events.event import event_types
from events.fields import FieldKind, JsonValue
from events.payload_fields import PayloadField, payload_fields


@dataclass(frozen=True, kw_only=True)
class Street:
    name: Annotated[str, "As on the sign."]
    number: int | None


@dataclass(frozen=True, kw_only=True)
class Home:
    street: Street
    size: Literal["small", "large"]


with event_types.scratch():

    class PersonMoved(Event, name="person.moved"):
        """Somebody moved."""

        home: Annotated[Home | None, "Where to, if it is known."]
        people: list[Home]
        before: Home


def fields() -> dict[str, PayloadField]:
    return {field.path: field for field in payload_fields(PersonMoved.__event_type__.fields)}


def test_fields_stand_in_their_order_each_object_before_its_own() -> None:
    assert list(fields()) == [
        "home",
        "home.street",
        "home.street.name",
        "home.street.number",
        "home.size",
        "people",
        "before",
        "before.street",
        "before.street.name",
        "before.street.number",
        "before.size",
    ]


def test_what_is_within_something_that_can_be_null_can_be_absent() -> None:
    nullable = [path for path, field in fields().items() if field.is_nullable]

    assert nullable == [
        "home",
        "home.street",
        "home.street.name",
        "home.street.number",
        "home.size",
        "before.street.number",
    ]


def test_a_field_tells_its_type_its_description_and_its_values() -> None:
    found = fields()

    kinds = [found[path].type.kind for path in ("home", "home.street.number", "people")]
    values: list[tuple[JsonValue, ...] | None] = [
        found[path].allowed_values for path in ("home.size", "home.street.name", "people")
    ]
    assert kinds == [FieldKind.OBJECT, FieldKind.INTEGER, FieldKind.LIST]
    assert values == [("small", "large"), None, None]
    assert found["home"].description == "Where to, if it is known."
    assert found["home.street.name"].description == "As on the sign."
