"""The JSON Schema and a sample payload of an event type, for those who will receive it."""

from __future__ import annotations

from decimal import Decimal

from events.fields import Choice, FieldKind, FieldType, JsonValue, ListOf, Nullable, ObjectOf
from events.scalars import SCALARS, Scalar

_DECIMAL = SCALARS[Decimal]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SCHEMAS: dict[FieldKind, dict[str, JsonValue]] = {
    FieldKind.STRING: {"type": "string"},
    FieldKind.INTEGER: {"type": "integer"},
    FieldKind.NUMBER: {"type": "number"},
    FieldKind.BOOLEAN: {"type": "boolean"},
    FieldKind.DATETIME: {"type": "string", "format": "date-time"},
    FieldKind.DATE: {"type": "string", "format": "date"},
    FieldKind.UUID: {"type": "string", "format": "uuid"},
}

_SAMPLES: dict[FieldKind, JsonValue] = {
    FieldKind.STRING: "text",
    FieldKind.INTEGER: 1,
    FieldKind.NUMBER: 1.5,
    FieldKind.BOOLEAN: True,
    FieldKind.DATETIME: "2026-01-02T03:04:05Z",
    FieldKind.DATE: "2026-01-02",
    FieldKind.UUID: "01890a5d-ac96-774b-bcce-b302099a8057",
}


def json_schema(fields: ObjectOf, *, title: str, description: str) -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 2020-12) of a payload."""
    return {
        "$schema": _DIALECT,
        "title": title,
        "description": description,
        **_schema(fields),
    }


def _schema(of: FieldType) -> dict[str, JsonValue]:
    match of:
        case Scalar():
            decimal: dict[str, JsonValue] = {"type": "string", "format": "decimal"}
            return decimal if of is _DECIMAL else dict(_SCHEMAS[of.kind])
        case Choice():
            return {"enum": list(of.members)}
        case Nullable():
            return {"anyOf": [_schema(of.inner), {"type": "null"}]}
        case ListOf():
            return {"type": "array", "items": _schema(of.inner)}
        case ObjectOf():
            return _object_schema(of)
        case _:
            raise TypeError(f"{of!r} has no JSON Schema.")


def _object_schema(of: ObjectOf) -> dict[str, JsonValue]:
    properties: dict[str, JsonValue] = {}
    for field in of.fields:
        noted: dict[str, JsonValue] = (
            {"description": field.description} if field.description else {}
        )
        properties[field.name] = {**noted, **_schema(field.type)}
    return {
        "type": "object",
        "properties": properties,
        "required": [field.name for field in of.fields if field.is_required],
        "additionalProperties": False,
    }


def sample_payload(fields: ObjectOf) -> dict[str, JsonValue]:
    """Return a payload as it could be sent: the same on every call, and valid by the schema."""
    return {field.name: _sample(field.type) for field in fields.fields}


def _sample(of: FieldType) -> JsonValue:
    match of:
        case Scalar():
            return "12.50" if of is _DECIMAL else _SAMPLES[of.kind]
        case Choice():
            return next(iter(of.members))
        case Nullable():
            return _sample(of.inner)
        case ListOf():
            return [_sample(of.inner)]
        case ObjectOf():
            return sample_payload(of)
        case _:
            raise TypeError(f"{of!r} has no sample.")
