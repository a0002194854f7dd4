"""JSON Schemas and samples: true to what is sent, for every event type there is."""

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, FormatChecker

from events import Event
from events.event import EventType, event_type_of, event_types
from events.payload import decode_payload, encode_payload
from tests.events.everything import ENCODED_EXAMPLE, EXAMPLE, everything

TYPE = event_type_of(EXAMPLE)
PROPERTIES: Any = TYPE.payload_schema["properties"]

every_event_type = pytest.mark.parametrize(
    "event_type", [*event_types, TYPE], ids=lambda event_type: event_type.name
)


def validator(event_type: EventType) -> Draft202012Validator:
    return Draft202012Validator(event_type.payload_schema, format_checker=FormatChecker())


@every_event_type
def test_the_schema_is_a_schema_of_the_dialect_that_it_names(event_type: EventType) -> None:
    Draft202012Validator.check_schema(event_type.payload_schema)

    assert event_type.payload_schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@every_event_type
def test_the_schema_carries_the_name_and_the_description(event_type: EventType) -> None:
    assert event_type.payload_schema["title"] == event_type.name
    assert event_type.payload_schema["description"] == event_type.description


@every_event_type
def test_the_sample_is_valid_by_the_schema(event_type: EventType) -> None:
    validator(event_type).validate(event_type.sample_payload)


@every_event_type
def test_the_sample_could_have_been_published(event_type: EventType) -> None:
    sample = decode_payload(event_type, json.dumps(event_type.sample_payload))

    assert json.loads(encode_payload(sample)) == event_type.sample_payload


@given(event=everything)
def test_whatever_is_sent_is_valid_by_the_schema(event: Event) -> None:
    validator(TYPE).validate(json.loads(encode_payload(event)))


@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"whole": 1.5},
        {"whole": "1"},
        {"flag": 1},
        {"day": "2026-13-01"},
        {"identifier": "1"},
        {"amount": 12.5},
        {"colour": "green"},
        {"level": "2"},
        {"part": {"label": "x", "extra": 1}},
        {"parts": [{}]},
        {"table": [["1"]]},
        {"unheard_of": 1},
    ],
    ids=str,
)
def test_the_schema_refuses_what_is_never_sent(change: dict[str, object]) -> None:
    assert not validator(TYPE).is_valid({**ENCODED_EXAMPLE, **change})


def test_fields_keep_their_descriptions() -> None:
    assert PROPERTIES["text"] == {"description": "Any text.", "type": "string"}
    assert PROPERTIES["maybe"] == {
        "description": "A text, if there is one.",
        "anyOf": [{"type": "string"}, {"type": "null"}],
    }


@pytest.mark.parametrize(
    ("field", "schema"),
    [
        ("moment", {"type": "string", "format": "date-time"}),
        ("day", {"type": "string", "format": "date"}),
        ("identifier", {"type": "string", "format": "uuid"}),
        (
            "amount",
            {
                "description": "Decimal numbers are texts, so that nothing is lost in reading.",
                "type": "string",
                "format": "decimal",
            },
        ),
        ("colour", {"enum": ["red", "blue"]}),
        ("level", {"enum": [1, 2]}),
        ("size", {"enum": ["small", "large"]}),
    ],
)
def test_a_field_says_how_json_holds_it(field: str, schema: dict[str, object]) -> None:
    assert PROPERTIES[field] == schema


def test_only_fields_without_a_default_are_required() -> None:
    assert TYPE.payload_schema["required"] == [
        name for name in ENCODED_EXAMPLE if name not in {"maybe", "parts", "table"}
    ]
    assert PROPERTIES["part"]["required"] == ["label"]


def test_the_sample_of_a_ping_is_a_ping() -> None:
    assert event_types.get("ping").sample_payload.keys() == {"message"}
