"""The catalogue as one JSON Schema, draft 2020-12."""

from __future__ import annotations

import json
from collections.abc import Iterable

from events.catalogue.catalogue import Body, Catalogue, Definition
from events.event import EventType
from events.fields import FieldType, JsonValue
from events.schema import DIALECT, SchemaWriter, noted

TIMESTAMP_DESCRIPTION = "When the event happened, in UTC."


def as_json_schema(event_types: Iterable[EventType]) -> str:
    """Return a schema that each request's body is valid by, with payloads as definitions.

    It takes fields that it does not know: receivers keep a copy, and payloads get new fields.
    """
    catalogue = Catalogue(event_types)
    root = "#/$defs/"
    document: dict[str, JsonValue] = {
        "$schema": DIALECT,
        "title": "Webhook request",
        "description": "The body of a request, whole: without a selection, in the standard format.",
        "oneOf": [{"$ref": root + body.name} for body in catalogue.bodies],
        "$defs": dict(sorted(definitions(catalogue, root=root).items())),
    }
    return as_text(document)


def definitions(catalogue: Catalogue, *, root: str) -> dict[str, JsonValue]:
    """Return the schemas of payloads, of what they are made of, and of bodies, by their names.

    `root` is where they will stand, such as `#/$defs/`.
    """

    def address_of(of: FieldType) -> str | None:
        name = catalogue.name_of(of)
        return name and root + name

    writer = SchemaWriter(address_of=address_of, is_open=True)
    schemas = {each.name: _definition(each, writer) for each in catalogue.definitions}
    return schemas | {body.name: _body(body, writer) for body in catalogue.bodies}


def as_text(document: dict[str, JsonValue]) -> str:
    """Return a document as JSON for people."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _definition(of: Definition, writer: SchemaWriter) -> JsonValue:
    return {
        "title": of.title,
        **noted(of.description, deprecation_reason=of.deprecation_reason),
        **writer.definition(of.type),
    }


def _body(body: Body, writer: SchemaWriter) -> JsonValue:
    ordered_by = body.event_type.ordered_by
    return {
        **noted(body.description, deprecation_reason=body.event_type.deprecation_reason),
        **({"x-ordered-by": ordered_by} if ordered_by else {}),
        "type": "object",
        "properties": {
            "type": {"const": body.event_type.name},
            "timestamp": {
                "description": TIMESTAMP_DESCRIPTION,
                "type": "string",
                "format": "date-time",
            },
            "data": writer.schema(body.event_type.fields),
        },
        "required": ["type", "timestamp", "data"],
    }
