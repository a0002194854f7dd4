"""What reading costs: as many queries for twenty rows as for two, and no column more."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from delivery.models import Webhook
from tests.api.client import GraphQL
from tests.api.rows import make_attempt, make_delivery
from tests.work import subscribe

QUERIES = {
    "webhooks": """{ webhooks { totalCount edges { cursor node {
        id name status timeoutSeconds owner { name } events { eventType { name } }
        signingSecrets { id hint } retryPolicy { summary } } } } }""",
    "events": "{ events { edges { node { id payload type { name } data { __typename } } } } }",
    "deliveries": """{ deliveries { edges { node {
        id status maxAttempts nextAttemptAt
        webhook { name owner { name } events { eventType { name } } signingSecrets { hint } }
        event { payload type { name } }
        attempts { number response { body } request { body } delivery { webhook { name } } }
        } } } }""",
    "deliveryAttempts": """{ deliveryAttempts { edges { node {
        id number request { body headers { name } } response { body }
        delivery { status event { id payload } webhook { name events { eventType { name } } }
        attempts { number } } } } } }""",
    "nodes": """query ($ids: [ID!]!) { nodes(ids: $ids) { id
        ... on Delivery { webhook { name } event { payload } attempts { number } } } }""",
    "aliases": """{ a: deliveries { edges { b: node { w: webhook { n: name } } } }
        deliveries { e: edges { node { event { payload } } } edges { node { webhook { url } } } }
        }""",
    "fragments": """{ deliveries { ...page } }
        fragment page on DeliveryConnection { edges { ... on DeliveryEdge { node { ...row } } } }
        fragment row on Delivery { webhook { name url } attempts { outcome } }""",
}


def make_history(owner: models.Model, *, count: int) -> list[str]:
    """Return the IDs of new deliveries, each to a webhook of its own and with two attempts."""
    made = Webhook.objects.count()
    deliveries = [
        make_delivery(subscribe(owner, f"http://127.0.0.1:4/{number}"))
        for number in range(made, made + count)
    ]
    for delivery in deliveries:
        make_attempt(delivery, number=1)
        make_attempt(delivery, number=2)
    return [delivery.public_id for delivery in deliveries]


def cost(graphql: GraphQL, query: str, *, user: models.Model, ids: list[str]) -> list[str]:
    """Return the statements that a query takes."""
    variables = {"ids": ids} if "$ids" in query else {}
    with CaptureQueriesContext(connection) as queries:
        assert graphql(query, variables=variables, user=user).ok
    return [query["sql"] for query in queries]


@pytest.mark.parametrize("name", QUERIES)
def test_twenty_rows_cost_as_many_queries_as_two(
    graphql: GraphQL, owner: models.Model, name: str
) -> None:
    ids = make_history(owner, count=2)
    few = cost(graphql, QUERIES[name], user=owner, ids=ids)

    ids += make_history(owner, count=18)
    many = cost(graphql, QUERIES[name], user=owner, ids=ids)

    assert len(many) == len(few)


def test_a_list_within_each_row_costs_one_query_for_each_row_and_no_more(
    graphql: GraphQL, owner: models.Model
) -> None:
    query = """{ webhooks { edges { node { name deliveries(first: 3) { edges { node {
        status event { payload } webhook { name } attempts { number } } } } } } } }"""
    ids = make_history(owner, count=2)
    few = cost(graphql, query, user=owner, ids=ids)
    for webhook in Webhook.objects.all():
        for _ in range(4):
            make_attempt(make_delivery(webhook))

    many = cost(graphql, query, user=owner, ids=ids)

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("selection", "column"),
    [
        ("event { payload }", '"payload"'),
        ("event { data { __typename } }", '"payload"'),
        ("attempts { response { body } }", '"response_body"'),
        ("attempts { request { body } }", '"payload"'),
    ],
)
def test_what_is_large_is_read_only_when_it_is_asked_for(
    graphql: GraphQL, owner: models.Model, selection: str, column: str
) -> None:
    ids = make_history(owner, count=1)

    def reads(selection: str) -> bool:
        query = f"{{ deliveries {{ edges {{ node {{ id {selection} }} }} }} }}"
        return any(column in sql for sql in cost(graphql, query, user=owner, ids=ids))

    assert reads(selection)
    assert not reads("event { isTest } attempts { number }")


def test_a_total_is_counted_only_when_it_is_asked_for(
    graphql: GraphQL, owner: models.Model
) -> None:
    def counts(selection: str) -> bool:
        query = f"{{ webhooks {{ {selection} }} }}"
        return any("COUNT(" in sql for sql in cost(graphql, query, user=owner, ids=[]))

    assert counts("totalCount")
    assert not counts("edges { cursor }")
