"""Payloads: what an event becomes as JSON, what it becomes again, and what is refused."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from events import Event
from events.errors import InvalidPayload
from events.event import event_type_of, event_types
from events.fields import JsonValue
from events.payload import decode_payload, encode_payload
from tests.events.everything import (
    ENCODED_EXAMPLE,
    EXAMPLE,
    Colour,
    Part,
    everything,
    finite_decimals,
)

TYPE = event_type_of(EXAMPLE)
SURROGATE = "\ud800"
UNWRITABLE = 10**5000


def decode(**changes: JsonValue) -> Event:
    return decode_payload(TYPE, json.dumps({**ENCODED_EXAMPLE, **changes}))


def test_a_payload_is_compact_json_in_the_order_of_the_fields() -> None:
    text = encode_payload(EXAMPLE)

    assert text.startswith('{"text":"Grüße","whole":-5,"number":1.5,"flag":true,')
    assert json.loads(text) == ENCODED_EXAMPLE
    assert list(json.loads(text)) == list(ENCODED_EXAMPLE)


@given(event=everything)
def test_decoding_undoes_encoding(event: Event) -> None:
    assert decode_payload(TYPE, encode_payload(event)) == event


@given(event=everything)
def test_encoding_undoes_decoding_to_the_byte(event: Event) -> None:
    text = encode_payload(event)

    assert encode_payload(decode_payload(TYPE, text)).encode() == text.encode()


@given(value=st.dates() | finite_decimals | st.uuids())
def test_r23_days_decimals_and_uuids_are_encoded_as_django_does(
    value: date | Decimal | UUID,
) -> None:
    name = {date: "day", Decimal: "amount", UUID: "identifier"}[type(value)]

    encoded = encoded_field(name, value)

    assert json.dumps(encoded) == json.dumps(value, cls=DjangoJSONEncoder)


def test_r23_a_moment_is_encoded_as_django_does_but_in_utc_and_to_the_microsecond() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    assert encoded_field("moment", moment) == "2026-01-02T03:04:05Z"
    assert DjangoJSONEncoder().default(moment) == "2026-01-02T03:04:05Z"
    elsewhere = moment.replace(microsecond=7).astimezone(timezone(timedelta(hours=-5)))
    assert encoded_field("moment", elsewhere) == "2026-01-02T03:04:05.000007Z"


def encoded_field(name: str, value: Any) -> object:
    return json.loads(encode_payload(replace(EXAMPLE, **{name: value})))[name]


@pytest.mark.parametrize(
    ("field", "value", "encoded"),
    [
        pytest.param("number", 3, 3, id="a whole number for a number"),
        pytest.param("text", mark_safe("<b>"), "<b>", id="a text marked safe"),
        pytest.param("colour", "blue", "blue", id="what a column holds for a member"),
        pytest.param("parts", (Part(label="x"),), [{"label": "x", "weight": None}], id="a tuple"),
    ],
)
def test_what_its_author_plainly_meant_is_taken(field: str, value: object, encoded: object) -> None:
    assert encoded_field(field, value) == encoded


def test_members_of_django_choices_are_told_from_other_texts() -> None:
    class Shelf(models.TextChoices):
        TOP = "top"

    with event_types.scratch():

        class Placed(Event, name="test.placed"):
            shelf: Shelf

    assert encode_payload(Placed(shelf=Shelf.TOP)) == '{"shelf":"top"}'
    with pytest.raises(InvalidPayload, match=r"^shelf: expected one of 'top', found str 'low'"):
        encode_payload(Placed(shelf="low"))  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": Colour.RED}, "text"),
        ({"text": SURROGATE}, "text"),
        ({"maybe": SURROGATE}, "maybe"),
        ({"whole": True}, "whole"),
        ({"whole": 1.0}, "whole"),
        ({"whole": "1"}, "whole"),
        ({"whole": UNWRITABLE}, "whole"),
        ({"number": True}, "number"),
        ({"number": Decimal(1)}, "number"),
        ({"number": float("nan")}, "number"),
        ({"number": float("-inf")}, "number"),
        ({"number": UNWRITABLE}, "number"),
        ({"flag": 1}, "flag"),
        ({"moment": datetime(2026, 1, 2)}, "moment"),  # noqa: DTZ001 - naive on purpose
        ({"moment": date(2026, 1, 2)}, "moment"),
        ({"moment": datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))}, "moment"),
        ({"moment": "2026-01-02T03:04:05Z"}, "moment"),
        ({"day": datetime(2026, 1, 2, tzinfo=UTC)}, "day"),
        ({"identifier": EXAMPLE.identifier.hex}, "identifier"),
        ({"amount": 12.5}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal("sNaN")}, "amount"),
        ({"amount": Decimal("Infinity")}, "amount"),
        ({"colour": "green"}, "colour"),
        ({"level": True}, "level"),
        ({"size": "medium"}, "size"),
        ({"part": {"label": "x"}}, "part"),
        ({"part": Part(label="x", weight=float("inf"))}, "part.weight"),
        ({"parts": None}, "parts"),
        ({"parts": "ab"}, "parts"),
        ({"parts": [Part(label="x"), Part(label=SURROGATE)]}, "parts.1.label"),
        ({"table": [[1], [2, "3"]]}, "table.1.1"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_path(
    changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        encode_payload(replace(EXAMPLE, **changes))

    assert refused.value.path == tuple(path.split("."))
    assert str(refused.value).startswith(f"{path}: expected ")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"text": None}, "text"),
        ({"text": SURROGATE}, "text"),
        ({"whole": True}, "whole"),
        ({"whole": 1.0}, "whole"),
        ({"number": "1.5"}, "number"),
        ({"number": float("nan")}, "number"),
        ({"number": 10**400}, "number"),
        ({"flag": 0}, "flag"),
        ({"moment": "2026-01-02"}, "moment"),
        ({"moment": "2026-01-02T03:04:05"}, "moment"),
        ({"moment": 5}, "moment"),
        ({"day": "tomorrow"}, "day"),
        ({"identifier": "whk_1"}, "identifier"),
        ({"identifier": 1}, "identifier"),
        ({"amount": 12.5}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "a lot"}, "amount"),
        ({"colour": "RED"}, "colour"),
        ({"level": True}, "level"),
        ({"size": None}, "size"),
        ({"part": []}, "part"),
        ({"part": {}}, "part.label"),
        ({"part": {"label": "x", "price": 1}}, "part.price"),
        ({"parts": {}}, "parts"),
        ({"parts": [{"label": "x"}, {"label": 1}]}, "parts.1.label"),
        ({"table": [[1], 2]}, "table.1"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_json_that_does_not_fit_the_event_type_is_refused_with_its_path(
    changes: dict[str, JsonValue], path: str
) -> None:
    with pytest.raises(InvalidPayload) as refused:
        decode(**changes)

    assert refused.value.path == tuple(path.split("."))
    assert str(refused.value).startswith(f"{path}: ")


def test_a_field_that_is_absent_takes_its_default_if_it_has_one() -> None:
    stored = {k: v for k, v in ENCODED_EXAMPLE.items() if k not in {"maybe", "parts", "table"}}

    assert decode_payload(TYPE, json.dumps(stored)) == replace(EXAMPLE, parts=[], table=[])


def test_a_required_field_that_is_absent_is_named() -> None:
    stored = {name: value for name, value in ENCODED_EXAMPLE.items() if name != "whole"}

    with pytest.raises(InvalidPayload, match=r"^whole: a value is required\.$"):
        decode_payload(TYPE, json.dumps(stored))


def test_an_unknown_field_is_answered_with_those_there_are() -> None:
    with pytest.raises(InvalidPayload, match=r"no such field in Part; it has label, weight\.$"):
        decode(part={"label": "x", "colour": "red"})


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", '{"whole": 1' + "0" * 5000 + "}"])
def test_a_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidPayload, match="not JSON") as refused:
        decode_payload(TYPE, text)

    assert refused.value.path == ()


@pytest.mark.parametrize("text", ["[" * 100_000, '{"text":' * 100_000])
def test_a_text_that_is_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(InvalidPayload, match="nested more deeply"):
        decode_payload(TYPE, text)


@pytest.mark.parametrize("text", ["null", "[]", '"text"', "1"])
def test_a_payload_is_an_object(text: str) -> None:
    with pytest.raises(InvalidPayload, match="expected an object"):
        decode_payload(TYPE, text)
