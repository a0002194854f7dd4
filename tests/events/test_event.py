"""What declaring an event class gives."""

import dataclasses
from dataclasses import dataclass, field
from typing import Annotated

import pytest

from events import Event
from events.event import EventType, event_type_of, event_types
from events.payload import encode_payload
from tests.events.everything import EXAMPLE, Everything

TYPE = event_type_of(EXAMPLE)


def test_w1_a_declared_class_is_listed_at_once() -> None:
    with event_types.scratch():

        class InvoicePaid(Event, name="invoice.paid"):
            """An invoice was paid in full."""

            amount_cents: int

        declared = event_types.get("invoice.paid")

    assert declared.event_class is InvoicePaid
    assert declared.description == "An invoice was paid in full."
    assert [found.name for found in declared.fields.fields] == ["amount_cents"]


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        EXAMPLE.text = "another"  # type: ignore[misc]  # refused by mypy as well


def test_fields_are_given_by_name_only() -> None:
    with event_types.scratch():

        class Moved(Event, name="test.moved"):
            x: int
            y: int

    assert Moved(x=1, y=2) == Moved(y=2, x=1)
    with pytest.raises(TypeError, match="positional"):
        Moved(1, 2)  # type: ignore[call-arg]  # refused by mypy as well


def test_a_field_without_a_default_may_follow_one_with_a_default() -> None:
    with event_types.scratch():

        class Noted(Event, name="test.noted"):
            note: str = ""
            line: int

    assert encode_payload(Noted(line=1)) == '{"note":"","line":1}'


def test_the_description_is_the_first_paragraph_of_the_docstring() -> None:
    assert TYPE.description == "Everything that an event can hold was held."


def test_a_class_without_a_docstring_has_no_description() -> None:
    with event_types.scratch():

        class Base(Event):
            """What is not inherited."""

        class Silent(Base, name="test.silent"):
            note: str

        assert event_types.get("test.silent").description == ""


def test_a_field_is_described_by_its_annotation_or_its_metadata() -> None:
    described = {found.name: found.description for found in TYPE.fields.fields}

    assert described["text"] == "Any text."
    assert described["parts"] == "All of them."
    assert described["whole"] == ""


def test_a_text_that_may_be_missing_keeps_its_description() -> None:
    with event_types.scratch():

        class Noted(Event, name="test.noted"):
            outer: Annotated[Annotated[str, "Within."] | None, "Around."]
            inner: Annotated[str, "Within."] | None
            other: Annotated[str, 5, "Later."] | None = field(metadata={"description": "Last."})

        found = event_types.get("test.noted").fields.fields

    assert [field.description for field in found] == ["Around.", "Within.", "Later."]


def test_a_field_is_required_unless_it_has_a_default() -> None:
    assert [found.name for found in TYPE.fields.fields if not found.is_required] == [
        "maybe",
        "parts",
        "table",
    ]


@pytest.mark.parametrize(
    ("name", "category", "symbol"),
    [
        ("greeting", "greeting", "GREETING"),
        ("invoice.paid", "invoice", "INVOICE_PAID"),
        ("parcel-created", "parcel", "PARCEL_CREATED"),
        ("a_b.c-d.2", "a", "A_B_C_D_2"),
    ],
)
def test_a_name_tells_its_category_and_its_symbol(name: str, category: str, symbol: str) -> None:
    with event_types.scratch():
        declared = declare(name)

    assert declared.category == category
    assert declared.symbol == symbol


def declare(name: str) -> EventType:
    class Declared(Event, name=name):
        """It was declared."""

    return event_types.get(name)


def test_fields_are_inherited_from_a_base_without_a_name() -> None:
    with event_types.scratch():

        class BookEvent(Event):
            title: str

        class Added(BookEvent, name="test.added"):
            pages: int

        class Removed(BookEvent, name="test.removed"):
            pass

        assert "BookEvent" not in {found.event_class.__name__ for found in event_types}

    assert encode_payload(Added(title="Emma", pages=474)) == '{"title":"Emma","pages":474}'
    assert encode_payload(Removed(title="Emma")) == '{"title":"Emma"}'


def test_a_named_class_can_extend_a_named_class_and_both_keep_their_types() -> None:
    with event_types.scratch():

        class Paid(Event, name="test.paid"):
            amount: int

        class Refunded(Paid, name="test.refunded"):
            reason: str

    assert event_type_of(Paid(amount=1)).name == "test.paid"
    assert event_type_of(Refunded(amount=1, reason="late")).name == "test.refunded"


def test_fields_may_be_called_name_and_type_and_fields() -> None:
    with event_types.scratch():

        class Named(Event, name="test.named"):
            name: str
            type: str
            fields: str
            description: str = ""

    named = Named(name="n", type="t", fields="f")
    assert encode_payload(named) == '{"name":"n","type":"t","fields":"f","description":""}'


def test_a_nested_dataclass_need_not_be_frozen_and_may_occur_twice() -> None:
    @dataclass
    class Address:
        city: Annotated[str, "The city."]
        lines: list[str] = field(default_factory=list)

    with event_types.scratch():

        class Sent(Event, name="test.sent"):
            sender: Address
            recipient: Address

    sent = Sent(sender=Address(city="Bonn"), recipient=Address(city="Köln", lines=["Dom"]))
    assert encode_payload(sent) == (
        '{"sender":{"city":"Bonn","lines":[]},"recipient":{"city":"Köln","lines":["Dom"]}}'
    )


def test_an_event_type_is_shown_by_its_name_and_its_class() -> None:
    assert repr(TYPE) == "<EventType everything.held: tests.events.everything.Everything>"
    assert TYPE.event_class is Everything
