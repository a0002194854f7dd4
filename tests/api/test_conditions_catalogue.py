"""The catalogue tells what conditions can be about, as much as a form for them needs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from tests.api.client import GraphQL
from tests.api.mutations import CREATE, change, described, mistakes
from tests.work import subscribe

pytestmark = pytest.mark.django_db

FIELDS = """query ($name: EventTypeName!) { eventType(name: $name) { payloadFields {
    path type isNullable description deprecationReason allowedValues matches } } }"""


def fields(graphql: GraphQL, name: str, *, user: models.Model) -> dict[str, dict[str, Any]]:
    found = graphql(FIELDS, variables={"name": name}, user=user).ok["eventType"]["payloadFields"]
    return {field.pop("path"): field for field in found}


def test_d8_the_catalogue_tells_the_fields_of_a_payload_and_how_to_compare_them(
    graphql: GraphQL, owner: models.Model
) -> None:
    found = fields(graphql, "ORDER_PAID", user=owner)

    assert list(found) == [
        "order_id",
        "customer",
        "customer.person_id",
        "customer.name",
        "customer.email",
        "books",
        "total",
        "method",
        "paid_at",
        "is_gift",
        "voucher",
    ]
    assert found["customer.email"] == {
        "type": "STRING",
        "isNullable": True,
        "description": "Where to write to, if the customer said so.",
        "deprecationReason": None,
        "allowedValues": None,
        "matches": [
            "IS",
            "ANY",
            "STARTS_WITH",
            "ENDS_WITH",
            "CONTAINS",
            "LIKE",
            "EXISTS",
        ],
    }
    assert found["method"]["allowedValues"] == ["card", "transfer", "invoice"]
    assert {
        path: field["type"] for path, field in found.items() if path in {"books", "paid_at"}
    } == {
        "books": "LIST",
        "paid_at": "DATETIME",
    }
    assert [path for path, field in found.items() if field["isNullable"]] == [
        "customer.email",
        "voucher",
    ]


VALUES: dict[str, Any] = {"STRING": "5", "INTEGER": 5, "BOOLEAN": True, "OBJECT": None}
MATCH_NAMES = {
    "IS": "is",
    "ANY": "any",
    "STARTS_WITH": "startsWith",
    "ENDS_WITH": "endsWith",
    "CONTAINS": "contains",
    "LIKE": "like",
    "GREATER_THAN": "greaterThan",
    "LESS_THAN": "lessThan",
    "EXISTS": "exists",
}


def filled(field: dict[str, Any], match: str) -> Any:
    """Return what somebody would fill into a form for a field."""
    [value, *_] = field["allowedValues"] or [
        "2026-01-02T03:04:05Z" if field["type"] == "DATETIME" else VALUES.get(field["type"])
    ]
    return {"EXISTS": True, "ANY": [value]}.get(match, value)


def test_d8_whatever_the_catalogue_offers_is_accepted(
    graphql: GraphQL, owner: models.Model
) -> None:
    names = graphql("{ eventTypes { value } }", user=owner).ok["eventTypes"]
    assert "ORDER_PAID" in [each["value"] for each in names]

    for path, field in fields(graphql, "ORDER_PAID", user=owner).items():
        for match in field["matches"]:
            condition = {"path": path, "match": {MATCH_NAMES[match]: filled(field, match)}}
            wanted = described(
                url=f"https://example.com/{path}/{match}",
                events=[{"eventType": "ORDER_PAID", "conditions": [condition]}],
            )
            assert mistakes(change(graphql, CREATE, user=owner, input=wanted)) == []


def test_an_event_type_that_is_gone_has_no_fields(graphql: GraphQL, owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/hooks", "order.paid")
    webhook.event_subscriptions.update(event_type="gone.altogether")

    [event] = graphql.show(
        webhook,
        "{ events { eventType { name payloadFields { path } } } }",
        user=owner,
    )["events"]

    assert event["eventType"] == {"name": "gone.altogether", "payloadFields": []}
