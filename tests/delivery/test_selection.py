"""Selections: what is sent is the selected part of the payload, under the payload's own keys."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.selection import select_payload, selection_mistakes
from events.event import Event, EventType
from events.fields import Field, FieldType, JsonValue, ListOf, Nullable, ObjectOf
from events.names import camel_case
from events.payload import encode_payload
from tests.events.everything import Everything, everything, texts

# Fields in the order in which they are selected, each with what is selected of it.
Chosen: TypeAlias = "list[tuple[Field, Chosen]]"

EVERYTHING: EventType = Everything.__event_type__
ORDER = '{"order_id":7,"customer":{"name":"Ada","email":null},"lines":[{"copies":1},null]}'


def selected(payload: str, selection: str) -> Any:
    """Return the selected part of a payload."""
    return json.loads(select_payload(payload, event_type="order.paid", selection=selection))


def object_in(of: FieldType) -> ObjectOf | None:
    """Return the object that a field leads to, be it in a list or nullable."""
    if isinstance(of, Nullable | ListOf):
        return object_in(of.inner)
    return of if isinstance(of, ObjectOf) else None


def written(chosen: Chosen) -> str:
    """Return the text of a selection."""
    fields = (
        f"{camel_case(field.name)} {written(within) if within else ''}" for field, within in chosen
    )
    return f"{{ {' '.join(fields)} }}"


def reference(value: JsonValue, chosen: Chosen) -> JsonValue:
    """Return what is to be sent, said as plainly as can be."""
    if isinstance(value, list):
        return [reference(item, chosen) for item in value]
    if isinstance(value, dict):
        return {field.name: reference(value[field.name], within) for field, within in chosen}
    return value


def all_of(fields: ObjectOf) -> Chosen:
    """Return the choice of everything."""
    return [
        (field, all_of(inner) if (inner := object_in(field.type)) else [])
        for field in fields.fields
    ]


def some_of(fields: ObjectOf) -> st.SearchStrategy[Chosen]:
    """Choose fields in any order, at least one."""
    each = [
        st.tuples(
            st.just(field), some_of(inner) if (inner := object_in(field.type)) else st.just([])
        )
        for field in fields.fields
    ]
    return st.lists(st.one_of(each), min_size=1, unique_by=lambda chosen: chosen[0].name)


@given(event=everything)
def test_selecting_everything_gives_the_very_text_of_the_payload(event: Event) -> None:
    payload = encode_payload(event)
    selection = written(all_of(EVERYTHING.fields))

    assert select_payload(payload, event_type=EVERYTHING.name, selection=selection) == payload


@given(event=everything, chosen=some_of(EVERYTHING.fields))
def test_what_is_selected_is_sent_and_nothing_else_in_the_order_of_the_selection(
    event: Event, chosen: Chosen
) -> None:
    payload, selection = encode_payload(event), written(chosen)
    assert not list(selection_mistakes(EVERYTHING, selection, path=()))

    sent = select_payload(payload, event_type=EVERYTHING.name, selection=selection)

    expected = reference(json.loads(payload), chosen)
    assert sent == json.dumps(expected, ensure_ascii=False, separators=(",", ":"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc") | texts, inner),
)


@given(
    payload=texts | json_values.map(json.dumps),
    selection=texts | st.text("{ abc}") | st.sampled_from(["{ a }", "{ a { b c } b { a } }"]),
)
def test_whatever_is_stored_the_payload_is_sent_or_else_json(payload: str, selection: str) -> None:
    sent = select_payload(payload, event_type="order.paid", selection=selection)

    if sent != payload:
        json.loads(sent)


def test_without_a_selection_the_text_stays_as_it_is() -> None:
    assert select_payload("not even JSON", event_type="order.paid", selection="") == "not even JSON"


def test_a_selection_within_a_list_is_of_each_item_and_null_stays_null() -> None:
    assert selected(ORDER, "{ lines { copies } customer { email } }") == {
        "lines": [{"copies": 1}, None],
        "customer": {"email": None},
    }


def test_a_field_that_is_selected_twice_is_sent_once_with_all_that_is_selected_of_it() -> None:
    assert selected(ORDER, "{ customer { name } orderId customer { email } orderId }") == {
        "customer": {"name": "Ada", "email": None},
        "order_id": 7,
    }


def test_what_an_older_payload_lacks_is_left_out() -> None:
    assert selected(ORDER, "{ orderId voucher customer { phone } }") == {
        "order_id": 7,
        "customer": {},
    }


@pytest.mark.parametrize(
    ("selection", "sent"),
    [
        ("{ orderId { number } }", {}),
        ("{ customer }", {}),
        ("{ lines }", {"lines": [None]}),
        ("{ lines { copies { number } } }", {"lines": [{}, None]}),
    ],
)
def test_a_field_that_is_an_object_now_and_was_none_or_the_other_way_around_is_left_out(
    selection: str, sent: JsonValue
) -> None:
    assert selected(ORDER, selection) == sent


def test_an_object_without_fields_is_sent_as_one() -> None:
    assert selected('{"thing":{},"text":"a"}', "{ thing { isEmpty } }") == {"thing": {}}


@pytest.mark.parametrize("number", ["0.1", "-0.0", "1e+300", "1.0", "12345678901234567890", "-5"])
def test_numbers_are_sent_as_they_are_stored(number: str) -> None:
    payload = f'{{"value":{number},"other":1}}'

    sent = select_payload(payload, event_type="order.paid", selection="{ value }")

    assert sent == f'{{"value":{number}}}'


@pytest.mark.parametrize(
    ("payload", "selection"),
    [
        (ORDER, "{ orderId"),
        (ORDER, "query"),
        (ORDER, "scalar A"),
        (ORDER, "{ ... { orderId } }"),
        ('{"order_id":', "{ orderId }"),
        ('{"order_id":NaN}', "{ orderId }"),
        ("[" * 100_000, "{ orderId }"),
    ],
)
def test_what_cannot_be_applied_is_logged_and_all_of_the_payload_is_sent(
    payload: str, selection: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert select_payload(payload, event_type="order.paid", selection=selection) == payload
    assert [(r.levelname, "order.paid" in r.message) for r in caplog.records] == [("ERROR", True)]
