"""Filters: lists of what meets all the conditions, and of nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import models

from delivery.models import Attempt, Delivery
from tests.api.client import Answer, GraphQL
from tests.api.rows import NOW, make_attempt, make_delivery, record_ping
from tests.work import subscribe

URL = "http://127.0.0.1:4/"


FILTERS = {
    "webhooks": "WebhookFilterInput",
    "events": "EventFilterInput",
    "deliveries": "DeliveryFilterInput",
    "deliveryAttempts": "DeliveryAttemptFilterInput",
}


def found(graphql: GraphQL, user: models.Model, field: str, condition: Any) -> list[str]:
    """Return the IDs of what a list holds, the oldest first."""
    query = f"""query ($filter: {FILTERS[field]}) {{
        {field}(filter: $filter, order: OLDEST_FIRST) {{ edges {{ node {{ id }} }} }} }}"""
    edges = graphql(query, variables={"filter": condition}, user=user).ok[field]["edges"]
    return [edge["node"]["id"] for edge in edges]


@pytest.fixture
def webhooks(owner: models.Model) -> list[str]:
    """Return the IDs of a paused webhook for pings and one with a key for books, in that order."""
    return [
        subscribe(owner, f"{URL}one", name="First", is_paused=True).public_id,
        subscribe(owner, f"{URL}two", "book.added", "ping", key="books", name="Se_cond").public_id,
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, [0, 1]),
        (None, [0, 1]),
        ({"statuses": ["PAUSED"]}, [0]),
        ({"statuses": ["PAUSED", "ACTIVE"]}, [0, 1]),
        ({"statuses": ["CANCELLED"]}, []),
        ({"statuses": []}, []),
        ({"eventTypes": ["PING"]}, [0, 1]),
        ({"eventTypes": ["BOOK_ADDED", "PING"]}, [0, 1]),
        ({"eventTypes": ["BOOK_ADDED"]}, [1]),
        ({"eventTypes": ["BOOK_REMOVED"]}, []),
        ({"eventTypes": []}, []),
        ({"keys": ["books"]}, [1]),
        ({"keys": ["other"]}, []),
        ({"search": "irs"}, [0]),
        ({"search": "FIRST"}, [0]),
        ({"search": "/two"}, [1]),
        ({"search": "_"}, [1]),
        ({"search": "%"}, []),
        ({"search": ""}, [0, 1]),
        ({"search": "irs", "statuses": ["ACTIVE"]}, []),
        ({"search": None, "statuses": None, "keys": None, "eventTypes": None}, [0, 1]),
    ],
)
def test_webhooks_are_found_by_all_the_conditions_together(
    graphql: GraphQL,
    owner: models.Model,
    webhooks: list[str],
    condition: dict[str, Any],
    expected: list[int],
) -> None:
    assert found(graphql, owner, "webhooks", condition) == [webhooks[i] for i in expected]


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "\udfff x"])
@pytest.mark.parametrize("field", ["search", "keys"])
def test_a_text_that_no_database_can_hold_is_refused(
    graphql: GraphQL, owner: models.Model, field: str, text: str
) -> None:
    value = [text] if field == "keys" else text
    query = "query ($filter: WebhookFilterInput) { webhooks(filter: $filter) { totalCount } }"

    answer = graphql(query, variables={"filter": {field: value}}, user=owner)

    assert answer.code == "BAD_REQUEST"
    assert "NUL" in answer.errors[0]["message"]


@pytest.mark.parametrize("field", ["search", "keys"])
def test_a_text_in_a_filter_has_two_hundred_characters_at_most(
    graphql: GraphQL, owner: models.Model, field: str
) -> None:
    query = "query ($filter: WebhookFilterInput) { webhooks(filter: $filter) { totalCount } }"

    def ask(text: str) -> Answer:
        value = [text] if field == "keys" else text
        return graphql(query, variables={"filter": {field: value}}, user=owner)

    assert ask("%" * 200).ok
    assert ask("k" * 201).code == "BAD_REQUEST"
    assert ask("%" * 60_000).code == "BAD_REQUEST"


def test_a_list_in_a_filter_has_a_hundred_entries_at_most(
    graphql: GraphQL, owner: models.Model
) -> None:
    query = "query ($keys: [String!]) { webhooks(filter: {keys: $keys}) { totalCount } }"

    assert graphql(query, variables={"keys": ["k"] * 100}, user=owner).ok
    assert graphql(query, variables={"keys": ["k"] * 101}, user=owner).code == "BAD_REQUEST"


def moment(**span: float) -> str:
    return (NOW + timedelta(**span)).isoformat()


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ({"eventTypes": ["PING"]}, True),
        ({"eventTypes": ["BOOK_ADDED"]}, False),
        ({"occurredAfter": moment()}, True),
        ({"occurredAfter": moment(seconds=1)}, False),
        ({"occurredBefore": moment()}, False),
        ({"occurredBefore": moment(seconds=1)}, True),
        ({"isTest": False}, True),
        ({"isTest": True}, False),
    ],
)
def test_w36_events_are_found_by_kind_and_time(
    graphql: GraphQL, owner: models.Model, condition: dict[str, Any], is_found: bool
) -> None:
    event = record_ping(owner)

    assert found(graphql, owner, "events", condition) == [event.public_id] * is_found


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ({"eventTypes": ["PING"]}, True),
        ({"eventTypes": ["BOOK_ADDED"]}, False),
        ({"statuses": ["RETRYING"]}, True),
        ({"statuses": ["FAILED", "SUCCEEDED"]}, False),
        ({"origins": ["EVENT"]}, True),
        ({"origins": []}, False),
        ({"createdAfter": moment()}, True),
        ({"createdAfter": moment(seconds=1)}, False),
        ({"createdBefore": moment()}, False),
        ({"createdBefore": moment(seconds=1)}, True),
    ],
)
def test_w36_deliveries_are_found_by_kind_state_and_time(
    graphql: GraphQL, owner: models.Model, condition: dict[str, Any], is_found: bool
) -> None:
    delivery = make_delivery(subscribe(owner, URL), status=Delivery.Status.RETRYING)

    assert found(graphql, owner, "deliveries", condition) == [delivery.public_id] * is_found


@pytest.mark.parametrize(
    ("condition", "is_found"),
    [
        ({"outcomes": ["REJECTED"]}, True),
        ({"outcomes": ["SUCCEEDED", "TIMED_OUT"]}, False),
        ({"statusCodes": [500, 503]}, True),
        ({"statusCodes": [200, -1, 2**31 - 1]}, False),
        ({"startedAfter": moment()}, True),
        ({"startedAfter": moment(seconds=1)}, False),
        ({"startedBefore": moment()}, False),
        ({"startedBefore": moment(seconds=1)}, True),
    ],
)
def test_w36_attempts_are_found_by_outcome_status_code_and_time(
    graphql: GraphQL, owner: models.Model, condition: dict[str, Any], is_found: bool
) -> None:
    delivery = make_delivery(subscribe(owner, URL))
    attempt = make_attempt(delivery, outcome=Attempt.Outcome.REJECTED, status_code=503)

    expected = [attempt.public_id] * is_found
    assert found(graphql, owner, "deliveryAttempts", condition) == expected


def test_w36_deliveries_are_found_by_their_webhook_and_their_event(
    graphql: GraphQL, owner: models.Model
) -> None:
    one, two = (make_delivery(subscribe(owner, f"{URL}{path}")) for path in ("one", "two"))

    by_webhook = {"webhookIds": [one.webhook.public_id]}
    by_event = {"eventIds": [two.event.public_id]}

    assert found(graphql, owner, "deliveries", by_webhook) == [one.public_id]
    assert found(graphql, owner, "deliveries", by_event) == [two.public_id]
    assert found(graphql, owner, "deliveries", {**by_webhook, **by_event}) == []
    assert found(graphql, owner, "deliveryAttempts", by_webhook) == []
