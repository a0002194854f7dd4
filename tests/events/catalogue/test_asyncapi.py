"""The catalogue as AsyncAPI: valid by the schema that AsyncAPI publishes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from events.catalogue.forms import CatalogueForm
from events.event import EventType
from tests.events.catalogue.shapes import TYPES, sample_body

DOCUMENT: dict[str, Any] = json.loads(CatalogueForm.ASYNCAPI.write(TYPES))

# As published in @asyncapi/specs 6.11.1, under the Apache License 2.0.
SCHEMA: dict[str, Any] = json.loads(
    gzip.decompress(Path(__file__).with_name("asyncapi-3.0.0.json.gz").read_bytes())
)

every_event_type = pytest.mark.parametrize("event_type", TYPES, ids=lambda each: each.name)


def found_at(reference: dict[str, str]) -> Any:
    """Return what a reference leads to."""
    found = DOCUMENT
    for step in reference["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_the_document_is_valid_by_the_published_schema() -> None:
    Draft7Validator(SCHEMA).validate(DOCUMENT)


def test_the_published_schema_would_find_a_mistake() -> None:
    broken = {**DOCUMENT, "operations": {"ping": {"action": "shout"}}}

    assert not Draft7Validator(SCHEMA).is_valid(broken)


@every_event_type
def test_an_event_type_is_a_channel_a_message_and_an_operation(event_type: EventType) -> None:
    operation = DOCUMENT["operations"][event_type.name]
    channel = found_at(operation["channel"])
    [reference] = operation["messages"]
    message = found_at(found_at(reference))

    assert operation["action"] == "send"
    assert channel is DOCUMENT["channels"][event_type.name]
    assert message["name"] == event_type.name
    assert list(message["headers"]["properties"]) == [
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    ]


@every_event_type
def test_the_payload_of_a_message_is_the_body_of_a_request(event_type: EventType) -> None:
    message = DOCUMENT["components"]["messages"][event_type.name]
    schema = {**message["payload"], "components": DOCUMENT["components"]}

    Draft7Validator(schema).validate(sample_body(event_type))
    assert not Draft7Validator(schema).is_valid(event_type.sample_payload)


def test_what_is_deprecated_says_so() -> None:
    message = DOCUMENT["components"]["messages"]["thing.shaped"]

    assert "Deprecated: Use" in message["description"]
    assert DOCUMENT["components"]["schemas"]["ThingShapedBody"]["deprecated"] is True
    assert "description" not in DOCUMENT["components"]["schemas"]["Colour"]


def test_the_body_tells_which_field_orders_deliveries() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert schemas["FieldNamedOddlyV2Body"]["x-ordered-by"] == "type"
    assert "x-ordered-by" not in schemas["PingBody"]
