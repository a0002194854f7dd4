"""Selections of everything that can be read, made from the schema."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from api.schema import schema

_SCHEMA = schema._schema
_DEEPEST = 4


def everything(name: str) -> str:
    """Return a selection of all fields of a type, and of the objects that they lead to."""
    found = _SCHEMA.type_map[name]
    return f"{{ {_fields(found, depth=1)} }}"


def _fields(of: GraphQLNamedType, *, depth: int) -> str:
    if isinstance(of, GraphQLUnionType | GraphQLInterfaceType):
        kinds = _SCHEMA.get_possible_types(of)
        inner = (f"... on {kind.name} {{ {_fields(kind, depth=depth)} }}" for kind in kinds)
        return " ".join(["__typename", *inner])
    assert isinstance(of, GraphQLObjectType)
    shown = (_field(name, field, depth=depth) for name, field in of.fields.items())
    return " ".join(["__typename", *(text for text in shown if text)])


def _field(name: str, field: GraphQLField, *, depth: int) -> str:
    if any(map(is_required_argument, field.args.values())):
        return ""
    inner: Any = get_named_type(field.type)
    if is_leaf_type(inner):
        return name
    is_deeper = name not in {"edges", "node"}
    if depth + is_deeper > _DEEPEST or inner.name == "EventType":
        return ""
    arguments = "(first: 3)" if "first" in field.args else ""
    return f"{name}{arguments} {{ {_fields(inner, depth=depth + is_deeper)} }}"
