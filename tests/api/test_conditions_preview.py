"""`payloadFilterPreview`: conditions tried on a payload, with nothing stored or sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from api.scopes import ApiTokenScope
from delivery.models import Delivery, Webhook
from events.models import EventRecord
from tests.api.client import GraphQL
from tests.api.mutations import make_token, mistakes

pytestmark = pytest.mark.django_db

PREVIEW = """query ($input: PayloadFilterPreviewInput!) { payloadFilterPreview(input: $input) {
    isSent results userErrors { message code field } } }"""


def preview(
    graphql: GraphQL, *conditions: dict[str, Any], user: models.Model, **more: Any
) -> dict[str, Any]:
    asked = {"eventType": "ORDER_PAID", "conditions": list(conditions), **more}
    found: dict[str, Any] = graphql(PREVIEW, variables={"input": asked}, user=user).ok[
        "payloadFilterPreview"
    ]
    return found


JOE = {"path": "customer.name", "match": {"is": "Joe"}}
MUCH = {"path": "total", "match": {"greaterThan": "100"}}
PAYLOAD = {"customer": {"name": "Joe"}, "total": "20.00"}


def test_each_condition_is_told_and_all_of_them_decide(
    graphql: GraphQL, owner: models.Model
) -> None:
    one = preview(graphql, JOE, user=owner, payload=PAYLOAD)
    both = preview(graphql, JOE, MUCH, user=owner, payload=PAYLOAD)
    negated = preview(graphql, JOE, MUCH | {"negate": True}, user=owner, payload=PAYLOAD)

    assert one == {"isSent": True, "results": [True], "userErrors": []}
    assert both == {"isSent": False, "results": [True, False], "userErrors": []}
    assert negated == {"isSent": True, "results": [True, True], "userErrors": []}
    assert not EventRecord.objects.exists()
    assert not Delivery.objects.exists()
    assert not Webhook.objects.exists()


def test_without_conditions_everything_is_sent(graphql: GraphQL, owner: models.Model) -> None:
    assert preview(graphql, user=owner) == {"isSent": True, "results": [], "userErrors": []}


def test_without_a_payload_the_sample_is_tried(graphql: GraphQL, owner: models.Model) -> None:
    is_card = {"path": "method", "match": {"is": "card"}}
    sampled = {"path": "total", "match": {"is": "12.5"}}

    assert preview(graphql, is_card, sampled, user=owner)["results"] == [True, True]
    assert preview(graphql, is_card, user=owner, payload=None)["isSent"]


@pytest.mark.parametrize(
    "payload", [5, "text", [], {}, False, {"total": {}}, {"customer": [PAYLOAD]}, [[[[[1]]]]]]
)
def test_d19_a_payload_of_any_form_can_be_tried(
    graphql: GraphQL, owner: models.Model, payload: Any
) -> None:
    found = preview(graphql, JOE, MUCH, user=owner, payload=payload)

    assert found == {"isSent": False, "results": [False, False], "userErrors": []}


def test_mistakes_are_told_where_they_are(graphql: GraphQL, owner: models.Model) -> None:
    wrong = {"path": "customer.name", "match": {"like": "["}}

    found = preview(graphql, JOE, wrong, user=owner)

    assert mistakes(found) == [("INVALID_PATTERN", "input.conditions.1.match.like")]
    assert (found["isSent"], found["results"]) == (False, [])


def test_d19_a_pattern_that_takes_others_for_ever_is_answered(
    graphql: GraphQL, owner: models.Model
) -> None:
    wanted = {"path": "customer.name", "match": {"like": "^(a+)+$"}}
    payload = {"customer": {"name": "a" * 100_000 + "!"}}

    assert preview(graphql, wanted, user=owner, payload=payload)["results"] == [False]


def test_a_token_needs_the_scope_to_read_webhooks(graphql: GraphQL, owner: models.Model) -> None:
    variables = {"input": {"eventType": "ORDER_PAID", "conditions": []}}
    lacking = make_token(owner, ApiTokenScope.WEBHOOKS_WRITE).text
    having = make_token(owner, ApiTokenScope.WEBHOOKS_READ).text

    assert graphql(PREVIEW, variables=variables, token=lacking).code == "FORBIDDEN"
    assert graphql(PREVIEW, variables=variables).code == "UNAUTHENTICATED"
    assert graphql(PREVIEW, variables=variables, token=having).ok["payloadFilterPreview"]["isSent"]
