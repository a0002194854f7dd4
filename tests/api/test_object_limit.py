"""What a document asks for at most is added up, and too much is refused before any is read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from graphql import get_introspection_query

from tests.api.client import Answer, GraphQL
from tests.api.mutations import make_token

NESTED = """query ($outer: Int! = 20, $inner: Int! = 20, $deep: Boolean! = true) {
  webhooks(first: $outer) { edges { node { deliveries(first: $inner) @include(if: $deep) {
    edges { node { id } } } } } } }"""
EVENTS = "{ deliveries(first: 100) { edges { node { event { deliveries(first: %d) { %s } } } } } }"
IDS = ["dlv_" + "0" * 32] * 100


def ask(graphql: GraphQL, query: str, *, user: models.Model, **variables: Any) -> Answer:
    return graphql(query, variables=variables, user=user)


@pytest.mark.parametrize(
    ("query", "variables", "found"),
    [
        pytest.param(NESTED, {"outer": 100, "inner": 100}, "10,100", id="variables"),
        pytest.param(NESTED, {"outer": 100.0, "inner": 1e2}, "10,100", id="whole floats"),
        pytest.param(NESTED.replace("= 20", "= 100"), {}, "10,100", id="defaults"),
        pytest.param(EVENTS % (100, "edges { cursor }"), {}, "10,100", id="literals"),
        pytest.param(
            "query ($n: Int! = 100) { ...A } fragment A on Query { x: deliveries(first: $n) { "
            "edges { node { ... { ...B } } } } } "
            "fragment B on Delivery { y: event { z: deliveries(first: $n) { edges { cursor } } } }",
            {},
            "10,100",
            id="fragments and aliases",
        ),
        pytest.param(
            "{ webhooks(first: 100) { edges { node { deliveries { edges { node {"
            " attempts { id } } } } } } } }",
            {},
            "22,100",
            id="the default length, and attempts",
        ),
        pytest.param(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Webhook {"
            " deliveries(first: 100) { edges { cursor } } } } }",
            {"ids": IDS},
            "10,100",
            id="nodes",
        ),
        pytest.param(
            "{ a: webhooks(first: 100) { ...A } b: webhooks(first: 100) { ...A } } "
            "fragment A on WebhookConnection {"
            " edges { node { events { conditions { path } } } } }",
            {},
            "12,200",
            id="events and their conditions",
        ),
    ],
)
def test_a_document_that_asks_for_too_much_is_refused_before_anything_is_read(
    graphql: GraphQL, owner: models.Model, query: str, variables: dict[str, Any], found: str
) -> None:
    token = make_token(owner).text
    with CaptureQueriesContext(connection) as queries:
        answer = graphql(query, variables=variables, token=token)

    assert (answer.status, answer.code, answer.data) == (400, "BAD_REQUEST", None)
    assert f" {found} objects; 10,000 " in answer.errors[0]["message"]
    assert {sql["sql"].split('"')[1] for sql in queries} == {"webhook_api_apitoken"}


LONG = NESTED.replace("{ id }", "{ id status attemptCount }")
HEADERS = "{ deliveryAttempts(first: 100) { edges { node { request { headers { %s } } } } } }"
QUERIES = "{ webhooks(first: %d) { edges { node { deliveries(first: 1) { edges { cursor } } } } } }"


@pytest.mark.parametrize(
    ("allowed", "refused", "found"),
    [
        pytest.param(
            LONG.replace("= 20", "= 90"),
            LONG.replace("= 20", "= 99"),
            "59,203",
            id="fields of each item",
        ),
        pytest.param(
            HEADERS % ("name value " * 20),
            HEADERS % ("name value " * 25),
            "50,500",
            id="headers of each request",
        ),
        pytest.param(
            "{ events(first: 100) { edges { node { %s } } } }" % ("payload " * 49),
            "{ events(first: 100) { edges { node { %s } } } }" % ("payload " * 50),
            "50,300",
            id="long texts",
        ),
        pytest.param(
            "{ " + " ".join(f"a{n}: {QUERIES[2:-2] % 30}" for n in range(15)) + " }",
            "{ " + " ".join(f"a{n}: {QUERIES[2:-2] % 33}" for n in range(15)) + " }",
            "52,980",
            id="a query for each item",
        ),
    ],
)
def test_the_fields_of_objects_are_added_up_as_well(
    graphql: GraphQL, owner: models.Model, allowed: str, refused: str, found: str
) -> None:
    answer = graphql(refused, user=owner)

    assert graphql(allowed, user=owner).ok
    assert (answer.status, answer.code, answer.data) == (400, "BAD_REQUEST", None)
    assert f" {found} fields of objects; 50,000 " in answer.errors[0]["message"]


@pytest.mark.parametrize(
    ("first", "selection", "status"),
    [
        (100, "name", 200),
        (20, "name payloadFields { path }", 200),
        (100, "name payloadFields { path }", 400),
    ],
)
def test_the_lists_of_the_catalogue_count_as_well(
    graphql: GraphQL, owner: models.Model, first: int, selection: str, status: int
) -> None:
    query = """query ($first: Int!) { eventTypes { payloadFields { path } }
      webhooks(first: $first) { edges { node { events { eventType { %s } } } } } }"""

    assert ask(graphql, query % selection, user=owner, first=first).status == status


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (NESTED, {"outer": 100, "inner": 99}),
        (NESTED, {"outer": 100, "inner": 100, "deep": False}),
        (NESTED, {}),
        (EVENTS % (99, "edges { cursor }"), {}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": IDS}),
        (get_introspection_query(), {}),
    ],
)
def test_a_document_that_could_just_be_answered_is(
    graphql: GraphQL, owner: models.Model, query: str, variables: dict[str, Any]
) -> None:
    assert ask(graphql, query, user=owner, **variables).ok


@pytest.mark.parametrize("outer", [0, -1, 101, 2_000_000_000])
def test_a_length_that_cannot_be_is_a_mistake_of_its_field(
    graphql: GraphQL, owner: models.Model, outer: int
) -> None:
    answer = ask(graphql, NESTED, user=owner, outer=outer, inner=99)

    assert (answer.status, answer.code) == (200, "BAD_REQUEST")
    assert answer.data == {"webhooks": None}
    assert "`first`" in answer.errors[0]["message"]


def test_the_same_document_is_judged_anew_for_other_variables(
    graphql: GraphQL, owner: models.Model
) -> None:
    statuses = [
        ask(graphql, NESTED, user=owner, outer=100, inner=inner).status for inner in (1, 100, 1)
    ]

    assert statuses == [200, 400, 200]


@pytest.mark.parametrize("value", [None, "100", [1], {"a": 1}, 1.5, True])
def test_variables_of_another_type_are_told_of_as_such(
    graphql: GraphQL, owner: models.Model, value: object
) -> None:
    answer = ask(graphql, NESTED, user=owner, outer=value)

    assert (answer.status, answer.code) == (200, None)
    assert "outer" in answer.errors[0]["message"]
