"""What a query selects, so that the database is asked for that and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import strawberry
from django.db.models import Model, QuerySet
from graphql import GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.nodes import get_variable_values
from strawberry_django.optimizer import DjangoOptimizerExtension, OptimizerConfig, optimize

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

Row = TypeVar("Row", bound=Model)


class Optimizer(DjangoOptimizerExtension):
    """Fetches what fields select of related rows, through the managers that know our models."""

    def __init__(self) -> None:
        super().__init__(prefetch_custom_queryset=True)


def select(rows: QuerySet[Row], info: strawberry.Info) -> QuerySet[Row]:
    """Return `rows` with what is selected of the field being resolved."""
    return optimize(rows, info, config=OptimizerConfig(prefetch_custom_queryset=True))


def select_nodes(rows: QuerySet[Row], info: strawberry.Info) -> QuerySet[Row]:
    """Return `rows` with what is selected of `edges { node }` of the field being resolved.

    The optimizer finds this by itself only for its own connection types, which page otherwise.
    """
    raw = _step_into("node", _step_into("edges", info._raw_info))  # noqa: SLF001 - the only door
    return optimize(rows, raw, config=OptimizerConfig(prefetch_custom_queryset=True))


def _step_into(name: str, info: GraphQLResolveInfo[Any]) -> GraphQLResolveInfo[Any]:
    parent = cast("GraphQLObjectType", get_named_type(info.return_type))
    selected = collect_subfields(
        info.schema,
        {key: FragmentDetails(fragment) for key, fragment in info.fragments.items()},
        VariableValues(sources={}, coerced=get_variable_values(info)),
        info.operation,
        parent,
        [FieldDetails(node, None) for node in info.field_nodes],
    ).grouped_field_set
    # Under several aliases, all of what any of them selects.
    nodes = [found.node for group in selected.values() for found in group]
    return info._replace(
        field_name=name,
        field_nodes=[node for node in nodes if node.name.value == name],
        return_type=parent.fields[name].type,
        parent_type=parent,
    )
