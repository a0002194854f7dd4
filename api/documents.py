"""The fields that a document selects, each with its definition in the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    get_named_type,
    get_operation_ast,
    value_from_ast_untyped,
)

if TYPE_CHECKING:
    from graphql import (
        GraphQLField,
        GraphQLNamedType,
        GraphQLSchema,
        InlineFragmentNode,
        OperationDefinitionNode,
        SelectionNode,
    )
    from strawberry.types import ExecutionContext


@dataclass(frozen=True, kw_only=True)
class SelectedField:
    """A field where it is selected: the type that it is of, its definition, and what is asked."""

    parent: GraphQLNamedType
    definition: GraphQLField
    node: FieldNode

    @property
    def name(self) -> str:
        """Its name in the schema, whatever it is called in the answer."""
        return self.node.name.value

    @property
    def key(self) -> str:
        """What it is called in the answer."""
        return (self.node.alias or self.node.name).value

    @property
    def leads_to(self) -> GraphQLNamedType:
        """The type of what it gives."""
        return get_named_type(self.definition.type)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A valid document with the values of its variables, in which one can look around."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: dict[str, Any]

    def fields(
        self,
        node: OperationDefinitionNode | FieldNode | FragmentDefinitionNode | InlineFragmentNode,
        *,
        of: GraphQLNamedType,
    ) -> Iterator[SelectedField]:
        """Find what is selected directly in `node` of an object of a type, fragments expanded."""
        for selection in node.selection_set.selections if node.selection_set else ():
            if self._is_left_out(selection):
                continue
            if isinstance(selection, FieldNode):
                definition = getattr(of, "fields", {}).get(selection.name.value)
                # What is asked about the schema itself is defined nowhere in it.
                if definition is not None:
                    yield SelectedField(parent=of, definition=definition, node=selection)
            else:
                yield from self._in_fragment(selection, of=of)

    def all_fields(
        self, node: OperationDefinitionNode | FieldNode, *, of: GraphQLNamedType
    ) -> Iterator[SelectedField]:
        """Find what is selected in `node`, directly or further within."""
        for field in self.fields(node, of=of):
            yield field
            yield from self.all_fields(field.node, of=field.leads_to)

    def argument(self, field: SelectedField, name: str) -> Any:
        """Return what is given for an argument, as JSON would have it, and None for nothing."""
        return self._value(field.node, name)

    def _in_fragment(self, selection: Any, *, of: GraphQLNamedType) -> Iterator[SelectedField]:
        is_spread = isinstance(selection, FragmentSpreadNode)
        fragment = self.fragments[selection.name.value] if is_spread else selection
        condition = fragment.type_condition
        yield from self.fields(
            fragment, of=self.schema.type_map[condition.name.value] if condition else of
        )

    def _is_left_out(self, selection: SelectionNode) -> bool:
        return any(
            self._value(directive, "if") is unwanted
            for directive in selection.directives or ()
            for name, unwanted in (("skip", True), ("include", False))
            if directive.name.value == name
        )

    def _value(self, node: Any, name: str) -> Any:
        for argument in node.arguments or ():
            if argument.name.value == name:
                return value_from_ast_untyped(argument.value, self.variables)
        return None


@dataclass(frozen=True, kw_only=True)
class Operation:
    """The operation of a valid document that is to be carried out."""

    document: Document
    node: OperationDefinitionNode
    root: GraphQLNamedType

    @property
    def fields(self) -> Iterator[SelectedField]:
        """What it selects at the root."""
        return self.document.fields(self.node, of=self.root)

    @property
    def all_fields(self) -> Iterator[SelectedField]:
        """What it selects, at the root or further within."""
        return self.document.all_fields(self.node, of=self.root)


def find_operation(context: ExecutionContext) -> Operation | None:
    """Return the operation that a context is about, None if the document has no such."""
    document, schema = context.graphql_document, context.schema._schema  # noqa: SLF001 - it has no public name
    node = get_operation_ast(document, context.operation_name) if document else None
    root = schema.get_root_type(node.operation) if node else None
    if document is None or node is None or root is None:
        return None
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    given = {**_defaults(node), **(context.variables or {})}
    readable = Document(schema=schema, fragments=fragments, variables=given)
    return Operation(document=readable, node=node, root=root)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value
    }
