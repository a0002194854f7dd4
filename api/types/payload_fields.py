"""The fields of a payload, and the ways in which they can be compared."""

from __future__ import annotations

import enum

import strawberry
from strawberry.scalars import JSON

from delivery import conditions
from delivery.conditions.rules import matches_of
from events import payload_fields
from events.fields import FieldKind


@strawberry.enum(description="What a field of a payload can hold.")
class PayloadFieldKind(enum.Enum):
    """What a field can hold, by the names that `events.fields.FieldKind` has for it."""

    STRING = strawberry.enum_value(FieldKind.STRING.value, description="Text.")
    INTEGER = strawberry.enum_value(FieldKind.INTEGER.value, description="A whole number.")
    NUMBER = strawberry.enum_value(FieldKind.NUMBER.value, description="A number.")
    BOOLEAN = strawberry.enum_value(FieldKind.BOOLEAN.value, description="True or false.")
    DATETIME = strawberry.enum_value(
        FieldKind.DATETIME.value, description="A moment, as RFC 3339 text."
    )
    DATE = strawberry.enum_value(FieldKind.DATE.value, description="A day, as text.")
    UUID = strawberry.enum_value(FieldKind.UUID.value, description="A UUID, as text.")
    LIST = strawberry.enum_value(FieldKind.LIST.value, description="A list.")
    OBJECT = strawberry.enum_value(
        FieldKind.OBJECT.value, description="An object with fields of its own."
    )


@strawberry.enum(description="Ways to compare a field of a payload.")
class PayloadMatch(enum.Enum):
    """Ways to compare a field; `delivery.conditions.PayloadMatch` has the same names."""

    IS = strawberry.enum_value(conditions.PayloadMatch.IS.value, description="Equal to the value.")
    ANY = strawberry.enum_value(
        conditions.PayloadMatch.ANY.value, description="Equal to any value of a list."
    )
    STARTS_WITH = strawberry.enum_value(
        conditions.PayloadMatch.STARTS_WITH.value, description="Text that starts with the value."
    )
    ENDS_WITH = strawberry.enum_value(
        conditions.PayloadMatch.ENDS_WITH.value, description="Text that ends with the value."
    )
    CONTAINS = strawberry.enum_value(
        conditions.PayloadMatch.CONTAINS.value,
        description="Text that contains the value, or a list that has it as a member.",
    )
    LIKE = strawberry.enum_value(
        conditions.PayloadMatch.LIKE.value,
        description="Text in which the regular expression finds a match.",
    )
    GREATER_THAN = strawberry.enum_value(
        conditions.PayloadMatch.GREATER_THAN.value, description="Above the value."
    )
    LESS_THAN = strawberry.enum_value(
        conditions.PayloadMatch.LESS_THAN.value, description="Below the value."
    )
    EXISTS = strawberry.enum_value(
        conditions.PayloadMatch.EXISTS.value,
        description="The field is there and not null; with `false`, absent or null.",
    )


@strawberry.type(description="A field of a payload.")
class PayloadField:
    """A field of a payload, at any depth."""

    path: str = strawberry.field(description="The path to it, such as `customer.email`.")
    type: PayloadFieldKind = strawberry.field(description="What it holds.")
    is_nullable: bool = strawberry.field(description="Whether it can be null or absent.")
    description: str = strawberry.field(description="What it means. May be empty.")
    deprecation_reason: str | None = strawberry.field(
        description="Why not to use it any more. Null while it is in use."
    )
    allowed_values: list[JSON] | None = strawberry.field(
        description="The values it can have. Null when there is no fixed set."
    )
    matches: list[PayloadMatch] = strawberry.field(
        description="The ways it can be compared in a condition."
    )


def payload_field_of(field: payload_fields.PayloadField) -> PayloadField:
    """Return a field of an event class as callers see it."""
    values = field.allowed_values
    return PayloadField(
        path=field.path,
        type=PayloadFieldKind[field.type.kind.name],
        is_nullable=field.is_nullable,
        description=field.description,
        deprecation_reason=field.deprecation_reason,
        allowed_values=None if values is None else [JSON(value) for value in values],
        matches=[PayloadMatch[match.name] for match in matches_of(field)],
    )
