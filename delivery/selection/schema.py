"""The object type of a payload as a schema of its own, for GraphQL to judge selections by."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLNullableOutputType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
)

from events.event import Event, EventType
from events.fields import FieldKind, FieldType, ListOf, Nullable, ObjectOf
from events.names import EMPTY_OBJECT_FIELD, camel_case, data_type_name

# What the API shows as an enum is a text or a number here, as in JSON: neither has fields.
_LEAVES = {
    FieldKind.BOOLEAN: GraphQLBoolean,
    FieldKind.DATETIME: GraphQLScalarType("DateTime"),
    FieldKind.INTEGER: GraphQLInt,
    FieldKind.NUMBER: GraphQLFloat,
}


_SCHEMAS: WeakKeyDictionary[type[Event], GraphQLSchema] = WeakKeyDictionary()


def payload_schema(event_type: EventType) -> GraphQLSchema:
    """Return a schema whose query type is the payload's, with the names that the API shows."""
    found = _SCHEMAS.get(event_type.event_class)
    if found is None:
        found = GraphQLSchema(_Types().of(event_type.fields, name=event_type.data_type_name))
        _SCHEMAS[event_type.event_class] = found
    return found


class _Types:
    """Makes the object types, one for each class however often it is used."""

    def __init__(self) -> None:
        self._made: dict[type, GraphQLObjectType] = {}

    def of(self, fields: ObjectOf, *, name: str) -> GraphQLObjectType:
        """Return the type of an object."""
        if fields.python_type not in self._made:
            shown = {camel_case(f.name): GraphQLField(self._type(f.type)) for f in fields.fields}
            empty = {camel_case(EMPTY_OBJECT_FIELD): GraphQLField(GraphQLNonNull(GraphQLBoolean))}
            self._made[fields.python_type] = GraphQLObjectType(name, shown or empty)
        return self._made[fields.python_type]

    def _type(self, of: FieldType) -> GraphQLOutputType:
        if isinstance(of, Nullable):
            return self._nullable(of.inner)
        return GraphQLNonNull(self._nullable(of))

    def _nullable(self, of: FieldType) -> GraphQLNullableOutputType:
        match of:
            case ListOf():
                return GraphQLList(self._type(of.inner))
            case ObjectOf():
                return self.of(of, name=data_type_name(of.python_type.__name__))
            case _:
                return _LEAVES.get(of.kind, GraphQLString)
