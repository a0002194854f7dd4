"""Documents made from the schema, so that what is added to it is tested without being named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from api.schema import schema

_SCHEMA = schema._schema
_SCALARS: dict[str, Any] = {"String": "x", "Int": 1, "Float": 1.5, "Boolean": True, "JSON": 1}


@dataclass(frozen=True, kw_only=True)
class RootField:
    """A field at the root that takes IDs: the document that asks for it, and what it is given."""

    name: str
    document: str
    ids: tuple[str, ...]
    variables: dict[str, Any]


def fields_with_ids() -> list[RootField]:
    """Return every query and mutation that takes an ID by itself, outside of a filter."""
    roots = {"query": _SCHEMA.query_type, "mutation": _SCHEMA.mutation_type}
    return [
        found
        for operation, root in roots.items()
        if root
        for name, field in root.fields.items()
        if (found := _root_field(operation, name, field)).ids
    ]


def input_types() -> list[GraphQLInputObjectType]:
    """Return every input type."""
    return [kind for kind in _SCHEMA.type_map.values() if isinstance(kind, GraphQLInputObjectType)]


def _root_field(operation: str, name: str, field: GraphQLField) -> RootField:
    needed = {
        key: argument.type
        for key, argument in field.args.items()
        if is_required_argument(argument) or get_named_type(argument.type).name == "ID"
    }
    declared = ", ".join(f"${key}: {kind}" for key, kind in needed.items())
    given = ", ".join(f"{key}: ${key}" for key in needed)
    selection = _selection(field.type)
    return RootField(
        name=name,
        document=f"{operation} ({declared}) {{ {name}({given}) {selection} }}" if needed else "",
        ids=tuple(key for key, kind in needed.items() if str(kind) == "ID!"),
        variables={key: _value(kind) for key, kind in needed.items()},
    )


def _selection(of: GraphQLOutputType) -> str:
    """Return all that is no object, and what is wrong, of the fields of a type."""
    named = cast("GraphQLObjectType", get_named_type(of))
    leaves = [
        name for name, field in named.fields.items() if is_leaf_type(get_named_type(field.type))
    ]
    errors = ["userErrors { message code field }"] if "userErrors" in named.fields else []
    return f"{{ {' '.join(['__typename', *leaves, *errors])} }}"


def _value(of: GraphQLInputType) -> Any:
    """Return the least that an input type takes."""
    match of:
        case GraphQLNonNull():
            return _value(of.of_type)
        case GraphQLList():
            return [_value(of.of_type)]
        case GraphQLEnumType():
            return next(iter(of.values))
        case GraphQLInputObjectType():
            fields = of.fields.items()
            return {key: _value(each.type) for key, each in fields if is_required_input_field(each)}
        case _:
            return _SCALARS.get(of.name, "x")
