"""How much a document may hold and ask for, and what is remembered of those seen before."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    Visitor,
    parse,
    validate,
    visit,
)
from strawberry.extensions import SchemaExtension

from api.costs import refuse_costly
from api.documents import find_operation
from api.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import (
        ASTValidationRule,
        GraphQLError,
        GraphQLSchema,
        SelectionNode,
        SelectionSetNode,
    )


class _Size(NamedTuple):
    """The extent of a selection with its fragments expanded, and themselves counted as fields."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    introspections: int = 0


# Fields, because validation compares those that share a name each with each. Fragments count as
# well: those that hold nothing but each other could be expanded for ever.
_LARGEST = _Size(fields=500, aliases=15, depth=12, introspections=3)
_MAX_TOKENS = 2_000
_MAX_CHARACTERS = 100_000
# Python reads no number of more than 4,300; no type of the schema takes one of more than ten.
_MAX_DIGITS = 1_000
_REMEMBERED_DOCUMENTS = 128


class DocumentLimits(SchemaExtension):
    """Parses and validates documents, once for a text that comes again, and refuses large ones.

    The limits are checked before validation, which could take long itself.
    """

    def on_parse(self) -> Iterator[None]:
        """Parse the document; raises the BAD_REQUEST error for one that is too large."""
        context = self.execution_context
        context.graphql_document = _parse(context.query or "")
        kinds = [type(definition) for definition in context.graphql_document.definitions]
        # The public property falls back to the name of the first operation.
        name = context._provided_operation_name  # noqa: SLF001 - see above
        if name is None and kinds.count(OperationDefinitionNode) > 1:
            raise bad_request("Say by `operationName` which of the operations to carry out.")
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate the document."""
        context = self.execution_context
        schema = context.schema._schema  # noqa: SLF001 - it has no public name
        errors = _validate(schema, context.query or "", context.validation_rules)
        context.pre_execution_errors = list(errors)
        yield

    def on_execute(self) -> Iterator[None]:
        """Let the operation be carried out; raises the BAD_REQUEST error if it asks for too much.

        The schema's caches know nothing of variables, so that this is looked at every time.
        """
        operation = find_operation(self.execution_context)
        if operation is not None:
            refuse_costly(operation)
        yield


@lru_cache(maxsize=_REMEMBERED_DOCUMENTS)
def _parse(text: str) -> DocumentNode:
    if len(text) > _MAX_CHARACTERS:
        raise bad_request(f"A document may have {_MAX_CHARACTERS} characters, not {len(text)}.")
    try:
        document = parse(text, max_tokens=_MAX_TOKENS)
        sizes = _Measure(document).sizes()
        visit(document, _Numbers())
    except RecursionError:
        raise bad_request("The document is nested too deeply.") from None
    for what, largest in _LARGEST._asdict().items():
        found = max((getattr(size, what) for size in sizes), default=0)
        if found > largest:
            raise bad_request(
                f"With its fragments expanded, the document has more {what} than {largest}. "
                "Ask for less at a time."
            )
    return document


@lru_cache(maxsize=_REMEMBERED_DOCUMENTS)
def _validate(
    schema: GraphQLSchema, text: str, rules: tuple[type[ASTValidationRule], ...]
) -> tuple[GraphQLError, ...]:
    return tuple(validate(schema, _parse(text), rules))


class _Numbers(Visitor):
    """Refuses numbers that could not even be looked at."""

    def enter_int_value(self, node: IntValueNode, *_: object) -> None:
        if len(node.value) > _MAX_DIGITS:
            raise bad_request(
                f"A number in a document may have {_MAX_DIGITS} digits, not {len(node.value)}."
            )

    def enter_float_value(self, node: FloatValueNode, *_: object) -> None:
        if math.isinf(float(node.value)):
            raise bad_request(f"{node.value:.80} is larger than numbers can be.")


class _Measure:
    """Finds out how large a document is, looking at each fragment once."""

    def __init__(self, document: DocumentNode) -> None:
        self._definitions = [
            definition
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
        ]
        self._fragments = {
            definition.name.value: definition
            for definition in self._definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, _Size] = {}

    def sizes(self) -> list[_Size]:
        """Return the size of each operation and, for the unused ones, of each fragment."""
        return [self._within(definition.selection_set) for definition in self._definitions]

    def _within(self, selection_set: SelectionSetNode) -> _Size:
        total = _Size()
        for selection in selection_set.selections:
            size = self._of(selection)
            total = _Size(
                fields=total.fields + size.fields,
                aliases=total.aliases + size.aliases,
                depth=max(total.depth, size.depth),
                introspections=total.introspections + size.introspections,
            )
        return total

    def _of(self, selection: SelectionNode) -> _Size:
        selection_set: SelectionSetNode | None = getattr(selection, "selection_set", None)
        if isinstance(selection, FragmentSpreadNode):
            inner = self._of_fragment(selection.name.value)
        else:
            inner = self._within(selection_set) if selection_set else _Size()
        if not isinstance(selection, FieldNode):
            return inner._replace(fields=inner.fields + 1)
        # What is asked about the schema is deep by nature; a rule of GraphQL's own bounds it.
        is_deeper = selection_set is not None and not selection.name.value.startswith("__")
        return _Size(
            fields=inner.fields + 1,
            aliases=inner.aliases + (selection.alias is not None),
            depth=inner.depth + 1 if is_deeper else 0,
            introspections=inner.introspections + (selection.name.value == "__schema"),
        )

    def _of_fragment(self, name: str) -> _Size:
        if name not in self._measured:
            # Stands in while it is measured: a fragment within itself is for validation to find.
            self._measured[name] = _Size()
            if name in self._fragments:
                self._measured[name] = self._within(self._fragments[name].selection_set)
        return self._measured[name]
