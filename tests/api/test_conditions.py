"""Conditions through the API: stored, shown, changed and refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from delivery.models import Webhook
from tests.api.client import GraphQL
from tests.api.mutations import CREATE, UPDATE, change, described, mistakes

pytestmark = pytest.mark.django_db

CONDITIONS = "{ events { eventType { name } conditions { path match value negate } } }"


def wanting(*conditions: dict[str, Any], event_type: str = "ORDER_PAID") -> dict[str, Any]:
    return described(events=[{"eventType": event_type, "conditions": list(conditions)}])


def create(graphql: GraphQL, *conditions: dict[str, Any], user: models.Model) -> dict[str, Any]:
    return change(graphql, CREATE, user=user, input=wanting(*conditions))


def stored(graphql: GraphQL, *, user: models.Model) -> list[dict[str, Any]]:
    [event] = graphql.show(Webhook.objects.get(), CONDITIONS, user=user)["events"]
    conditions: list[dict[str, Any]] = event["conditions"]
    return conditions


def test_d4_d20_conditions_are_stored_and_shown_to_their_owner(
    graphql: GraphQL, owner: models.Model
) -> None:
    asked: list[dict[str, Any]] = [
        {"path": "customer.email", "match": {"endsWith": "@example.com"}},
        {"path": "total", "match": {"greaterThan": "99.50"}, "negate": True},
        {"path": "method", "match": {"any": ["card", "invoice"]}},
        {"path": "voucher", "match": {"exists": False}},
        {"path": "order_id", "match": {"is": 5}},
        {"path": "is_gift", "match": {"is": True}},
        {"path": "customer.name", "match": {"like": "^J"}},
    ]

    payload = create(graphql, *asked, user=owner)

    assert mistakes(payload) == []
    assert stored(graphql, user=owner) == [
        {
            "path": "customer.email",
            "match": "ENDS_WITH",
            "value": "@example.com",
            "negate": False,
        },
        {"path": "total", "match": "GREATER_THAN", "value": "99.50", "negate": True},
        {"path": "method", "match": "ANY", "value": ["card", "invoice"], "negate": False},
        {"path": "voucher", "match": "EXISTS", "value": False, "negate": False},
        {"path": "order_id", "match": "IS", "value": 5, "negate": False},
        {"path": "is_gift", "match": "IS", "value": True, "negate": False},
        {"path": "customer.name", "match": "LIKE", "value": "^J", "negate": False},
    ]


def test_d20_nobody_else_can_read_them(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    create(graphql, {"path": "voucher", "match": {"exists": True}}, user=owner)

    assert graphql.show(Webhook.objects.get(), CONDITIONS, user=other_owner) is None


def test_d4_a_webhook_without_a_url_is_refused(graphql: GraphQL, owner: models.Model) -> None:
    wanted = wanting()
    del wanted["url"]

    answer = graphql(CREATE, variables={"input": wanted}, user=owner)

    assert "'url'" in answer.errors[0]["message"] or '"url"' in answer.errors[0]["message"]
    assert mistakes(change(graphql, CREATE, user=owner, input=wanting() | {"url": ""})) == [
        ("INVALID", "input.url")
    ]
    assert not Webhook.objects.exists()


def test_conditions_can_be_replaced_and_taken_away(graphql: GraphQL, owner: models.Model) -> None:
    create(graphql, {"path": "order_id", "match": {"is": 5}}, user=owner)
    webhook_id = Webhook.objects.get().public_id

    def update(*conditions: dict[str, Any]) -> None:
        events = wanting(*conditions)["events"]
        payload = change(graphql, UPDATE, user=owner, id=webhook_id, input={"events": events})
        assert mistakes(payload) == []

    update({"path": "order_id", "match": {"is": 6}})
    assert [each["value"] for each in stored(graphql, user=owner)] == [6]
    update()
    assert stored(graphql, user=owner) == []


def test_the_same_events_on_other_conditions_are_another_webhook(
    graphql: GraphQL, owner: models.Model
) -> None:
    for number in (5, 6):
        wanted = {"path": "order_id", "match": {"is": number}}
        assert mistakes(create(graphql, wanted, user=owner)) == []

    again = create(graphql, {"path": "order_id", "match": {"is": 5}}, user=owner)
    assert [code for code, _ in mistakes(again)] == ["TAKEN"]


@pytest.mark.parametrize(
    ("condition", "code", "field"),
    [
        ({"path": "totl", "match": {"is": "5"}}, "UNKNOWN_FIELD", "path"),
        ({"path": "books.0.title", "match": {"is": "Emma"}}, "UNKNOWN_FIELD", "path"),
        ({"path": "total", "match": {"endsWith": "5"}}, "UNSUPPORTED_MATCH", "match.endsWith"),
        ({"path": "books", "match": {"greaterThan": 5}}, "UNSUPPORTED_MATCH", "match.greaterThan"),
        ({"path": "customer.name", "match": {"like": "("}}, "INVALID_PATTERN", "match.like"),
        ({"path": "order_id", "match": {"is": "5"}}, "INVALID", "match.is"),
        ({"path": "method", "match": {"any": ["card", "cash"]}}, "INVALID", "match.any.1"),
        ({"path": "method", "match": {"any": []}}, "REQUIRED", "match.any"),
        ({"path": "customer.name", "match": {"is": "\0"}}, "INVALID", "match.is"),
        ({"path": "customer.name", "match": {"like": "a" * 201}}, "OUT_OF_RANGE", "match.like"),
    ],
)  # fmt: skip
def test_d19_a_mistake_is_told_where_it_is_and_nothing_is_stored(
    graphql: GraphQL, owner: models.Model, condition: dict[str, Any], code: str, field: str
) -> None:
    fine = {"path": "order_id", "match": {"is": 5}}

    payload = create(graphql, fine, condition, user=owner)

    assert mistakes(payload) == [(code, f"input.events.0.conditions.1.{field}")]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "match", [{}, {"is": 5, "exists": True}, {"is": None}, {"any": [None]}, {"gone": 5}]
)
def test_a_condition_has_exactly_one_way_to_compare(
    graphql: GraphQL, owner: models.Model, match: dict[str, Any]
) -> None:
    wanted = wanting({"path": "order_id", "match": match})

    answer = graphql(CREATE, variables={"input": wanted}, user=owner)

    assert answer.errors
    assert not Webhook.objects.exists()


def test_conditions_written_into_the_document_are_read_as_well(
    graphql: GraphQL, owner: models.Model
) -> None:
    document = """mutation { createWebhook(input: { name: "Orders", url: "https://example.com/",
        events: [{ eventType: ORDER_PAID, conditions: [
            { path: "order_id", match: { any: [5, 6] } }
            { path: "is_gift", match: { is: false }, negate: true }
        ] }] }) { userErrors { message code field } } }"""

    assert graphql(document, user=owner).ok["createWebhook"]["userErrors"] == []
    assert [each["value"] for each in stored(graphql, user=owner)] == [[5, 6], False]
