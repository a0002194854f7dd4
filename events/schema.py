"""The JSON Schema and a sample payload of an event type, for those who will receive it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from events.fields import Choice, Field, FieldKind, FieldType, JsonValue, ListOf, Nullable, ObjectOf
from events.scalars import SCALARS, Scalar

_DECIMAL = SCALARS[Decimal]
_DECIMAL_NOTE = "Decimal numbers are texts, so that nothing is lost in reading."

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""The draft of JSON Schema that is written here."""

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


def json_schema(
    fields: ObjectOf, *, title: str, description: str, deprecation_reason: str | None
) -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 2020-12) of a payload as it is sent now."""
    return {
        "$schema": DIALECT,
        "title": title,
        "description": description,
        **noted(description, deprecation_reason=deprecation_reason),
        **SchemaWriter().schema(fields),
    }


def noted(*paragraphs: str, deprecation_reason: str | None) -> dict[str, JsonValue]:
    """Return the keywords that tell people about a schema, as far as there is something to tell."""
    texts = [text for text in paragraphs if text]
    if deprecation_reason is not None:
        texts.append(f"Deprecated: {deprecation_reason}")
    keywords: dict[str, JsonValue] = {"description": "\n\n".join(texts)} if texts else {}
    return {**keywords, "deprecated": True} if deprecation_reason is not None else keywords


def field_notes(field: Field) -> tuple[str, ...]:
    """Return what there is to know of a field besides its type, in paragraphs."""
    texts = (field.description, _DECIMAL_NOTE if _holds_decimals(field.type) else "")
    return tuple(text for text in texts if text)


def _holds_decimals(of: FieldType) -> bool:
    match of:
        case Nullable() | ListOf():
            return _holds_decimals(of.inner)
        case _:
            return of is _DECIMAL


def _nowhere(of: FieldType) -> str | None:  # noqa: ARG001 - as the field below has it
    return None


@dataclass(frozen=True, kw_only=True)
class SchemaWriter:
    """Writes field types as JSON Schemas.

    `address_of` tells where the schema of a type stands, to be referred to; by default each is
    written in its place. An open object may have fields that are not known yet.
    """

    address_of: Callable[[FieldType], str | None] = _nowhere
    is_open: bool = False

    def schema(self, of: FieldType) -> dict[str, JsonValue]:
        """Return the schema of a type, or a reference to it."""
        address = self.address_of(of)
        return {"$ref": address} if address else self.definition(of)

    def definition(self, of: FieldType) -> dict[str, JsonValue]:
        """Return the schema of a type itself; what is in it may be referred to."""
        match of:
            case Scalar():
                decimal: dict[str, JsonValue] = {"type": "string", "format": "decimal"}
                return decimal if of is _DECIMAL else dict(_SCHEMAS[of.kind])
            case Choice():
                return {"enum": list(of.members)}
            case Nullable():
                return {"anyOf": [self.schema(of.inner), {"type": "null"}]}
            case ListOf():
                return {"type": "array", "items": self.schema(of.inner)}
            case ObjectOf():
                return self._object(of)
            case _:
                raise TypeError(f"{of!r} has no JSON Schema.")

    def _object(self, of: ObjectOf) -> dict[str, JsonValue]:
        written: dict[str, JsonValue] = {
            "type": "object",
            "properties": {field.name: self._property(field) for field in of.fields},
            "required": [field.name for field in of.fields if field.is_required],
        }
        return written if self.is_open else {**written, "additionalProperties": False}

    def _property(self, field: Field) -> dict[str, JsonValue]:
        about = noted(*field_notes(field), deprecation_reason=field.deprecation_reason)
        schema = self.schema(field.type)
        # Drafts before 2019-09, of which AsyncAPI's is one, see nothing beside a reference.
        return {**about, "allOf": [schema]} if about and "$ref" in schema else {**about, **schema}


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
