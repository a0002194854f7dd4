"""The fields of a payload as a flat list, nested ones by their paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from events.fields import Choice, FieldType, JsonValue, Nullable, ObjectOf


@dataclass(frozen=True, kw_only=True)
class PayloadField:
    """A field of a payload, at any depth.

    `path` joins the payload's keys by dots. `type` is what the field holds when it is not null;
    `is_nullable` is whether it, or an object that it is in, can be null. `allowed_values` are its
    JSON values, None if there is no fixed set.
    """

    path: str
    type: FieldType
    is_nullable: bool
    description: str
    allowed_values: tuple[JsonValue, ...] | None
    deprecation_reason: str | None = None


def payload_fields(fields: ObjectOf) -> tuple[PayloadField, ...]:
    """Return the fields of a payload in their order of definition, an object before its own fields.

    What is within a list has no path, for it is there any number of times.
    """
    return tuple(_walk(fields, within="", is_nullable=False))


def allowed_values(of: FieldType) -> tuple[JsonValue, ...] | None:
    """Return the JSON values that a type can have, None if there is no fixed set."""
    return tuple(of.members) if isinstance(of, Choice) else None


def without_null(of: FieldType) -> FieldType:
    """Return what a type holds when it holds something."""
    return without_null(of.inner) if isinstance(of, Nullable) else of


def _walk(fields: ObjectOf, *, within: str, is_nullable: bool) -> Iterator[PayloadField]:
    for field in fields.fields:
        held = without_null(field.type)
        path = f"{within}{field.name}"
        can_be_null = is_nullable or isinstance(field.type, Nullable)
        yield PayloadField(
            path=path,
            type=held,
            is_nullable=can_be_null,
            description=field.description,
            allowed_values=allowed_values(held),
            deprecation_reason=field.deprecation_reason,
        )
        if isinstance(held, ObjectOf):
            yield from _walk(held, within=f"{path}.", is_nullable=can_be_null)
