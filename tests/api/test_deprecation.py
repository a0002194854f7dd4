"""What the GraphQL schema says of event types and fields that should not be used any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import pytest
import strawberry
from django.db import models
from graphql import GraphQLEnumType, GraphQLObjectType, GraphQLSchema, validate_schema
from strawberry.schema.config import StrawberryConfig

from api.scalars import SCALARS
from api.types.event_data import payload_types
from api.types.event_type import event_type_names
from events import Deprecated, Event
from events.event import event_types
from tests.api.client import GraphQL


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What is sent."""

    weight: Annotated[float, "In kilograms.", Deprecated("Use grams.")]
    grams: int


@pytest.fixture
def schema() -> Iterator[GraphQLSchema]:
    """Return a schema of the one event type that it registers, and of no other."""
    with event_types.scratch():

        class ParcelSentV1(Event, name="parcel.sent", deprecated="Use parcel.sent.v2."):
            """A parcel was sent."""

            parcel: Parcel
            place: Annotated[str | None, Deprecated("Use address.")]

        class ParcelLost(Event, name="parcel.lost"):
            """A parcel was lost."""

        declared = [ParcelSentV1.__event_type__, ParcelLost.__event_type__]

        @strawberry.type
        class Query:
            name: str = strawberry.field(
                resolver=lambda: "parcel.lost", graphql_type=event_type_names(declared)
            )

        config = StrawberryConfig(scalar_map=SCALARS)
        yield strawberry.Schema(query=Query, types=payload_types(declared), config=config)._schema


def test_a_schema_with_what_is_deprecated_is_valid(schema: GraphQLSchema) -> None:
    assert validate_schema(schema) == []


def test_the_name_of_an_event_type_is_deprecated(schema: GraphQLSchema) -> None:
    names = schema.type_map["EventTypeName"]

    assert isinstance(names, GraphQLEnumType)
    assert names.values["PARCEL_SENT"].deprecation_reason == "Use parcel.sent.v2."
    assert names.values["PARCEL_LOST"].deprecation_reason is None


def test_fields_of_a_payload_are_deprecated_be_they_nested_or_not(schema: GraphQLSchema) -> None:
    payload, parcel = schema.type_map["ParcelSentData"], schema.type_map["ParcelData"]

    assert isinstance(payload, GraphQLObjectType)
    assert payload.fields["place"].deprecation_reason == "Use address."
    assert payload.fields["parcel"].deprecation_reason is None
    assert isinstance(parcel, GraphQLObjectType)
    assert parcel.fields["weight"].deprecation_reason == "Use grams."
    assert parcel.fields["grams"].deprecation_reason is None


def test_the_event_type_tells_the_reason(graphql: GraphQL, owner: models.Model) -> None:
    with event_types.scratch():
        event_types._items["ping"] = replace(
            event_types.get("ping"), deprecation_reason="Use a test event."
        )

        found = graphql("{ eventTypes { name deprecationReason } }", user=owner).ok["eventTypes"]

    reasons = {each["name"]: each["deprecationReason"] for each in found}
    assert reasons.pop("ping") == "Use a test event."
    assert set(reasons.values()) == {None}
