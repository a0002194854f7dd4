"""The catalogue as JSON Schema: valid, and true to what is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, FormatChecker

from events import Event
from events.catalogue.forms import CatalogueForm
from events.event import EventType
from events.payload import encode_payload
from tests.events.catalogue.shapes import TYPES, sample_body
from tests.events.everything import EXAMPLE, everything

DOCUMENT: dict[str, Any] = json.loads(CatalogueForm.JSON_SCHEMA.write(TYPES))
DEFINITIONS: dict[str, Any] = DOCUMENT["$defs"]
VALIDATOR = Draft202012Validator(DOCUMENT, format_checker=FormatChecker())

every_event_type = pytest.mark.parametrize("event_type", TYPES, ids=lambda each: each.name)


def payload_validator(event_type: EventType) -> Draft202012Validator:
    name = event_type.data_type_name
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": DEFINITIONS})


def test_the_document_is_a_schema_of_the_dialect_that_it_names() -> None:
    Draft202012Validator.check_schema(DOCUMENT)

    assert DOCUMENT["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@every_event_type
def test_a_sample_is_valid_alone_and_as_a_body(event_type: EventType) -> None:
    payload_validator(event_type).validate(event_type.sample_payload)
    VALIDATOR.validate(sample_body(event_type))


@given(event=everything)
def test_whatever_is_sent_is_valid(event: Event) -> None:
    data = json.loads(encode_payload(event))

    VALIDATOR.validate({**sample_body(EXAMPLE.__event_type__), "data": data})


@pytest.mark.parametrize(
    "change",
    [{"text": None}, {"whole": "1"}, {"colour": "green"}, {"part": {}}, {"table": [["1"]]}],
    ids=str,
)
def test_what_is_never_sent_is_not_valid(change: dict[str, Any]) -> None:
    event_type = EXAMPLE.__event_type__
    body = {**sample_body(event_type), "data": {**event_type.sample_payload, **change}}

    assert not VALIDATOR.is_valid(body)


@every_event_type
def test_a_body_goes_with_the_payload_of_its_type_only(event_type: EventType) -> None:
    body = sample_body(event_type)

    assert not VALIDATOR.is_valid({**body, "type": "never.heard"})
    assert not VALIDATOR.is_valid({"type": body["type"], "data": body["data"]})


@every_event_type
def test_fields_that_are_added_later_are_let_through(event_type: EventType) -> None:
    body = sample_body(event_type)
    data = {**event_type.sample_payload, "added_later": 1}

    VALIDATOR.validate({**body, "data": data, "added_later": 1})


def test_types_within_payloads_have_definitions_with_what_their_classes_say() -> None:
    assert DEFINITIONS["Size"]["enum"] == ["small", "large"]
    assert DEFINITIONS["Size"]["description"].startswith("How large it is")
    assert DEFINITIONS["TestsEventsCatalogueShapesPartData"]["title"] == "Part"


def test_what_is_deprecated_says_so() -> None:
    payload, body = DEFINITIONS["ThingShapedData"], DEFINITIONS["ThingShapedBody"]
    part = DEFINITIONS["TestsEventsCatalogueShapesPartData"]["properties"]

    assert payload["deprecated"] is body["deprecated"] is part["old"]["deprecated"] is True
    assert "Deprecated: Use" in part["old"]["description"]
    assert "deprecated" not in DEFINITIONS["PingData"]
    assert "deprecated" not in part["sizes"]


def test_the_field_that_orders_deliveries_is_told_to_people_and_programs() -> None:
    ordered, unordered = DEFINITIONS["FieldNamedOddlyV2Body"], DEFINITIONS["PingBody"]

    assert ordered["x-ordered-by"] == "type"
    assert ordered["description"].endswith("Those of one `type` come one after another.")
    assert "x-ordered-by" not in unordered
    assert unordered["description"] == "The body of a request for `ping`."


def test_decimals_are_texts_with_a_note_wherever_they_are() -> None:
    amount = DEFINITIONS["EverythingHeldData"]["properties"]["amount"]
    prices = DEFINITIONS["ThingShapedData"]["properties"]["prices"]

    assert amount["type"] == "string"
    assert "Decimal numbers are texts" in amount["description"]
    assert "Decimal numbers are texts" in prices["description"]
