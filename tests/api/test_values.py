"""What a request gives is weighed before it is read, and a small one is never refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from delivery.models import Webhook
from tests.api.client import Answer, GraphQL
from tests.api.mutations import CREATE, described, make_token

PREVIEWS = "query ($c: [PayloadConditionInput!]!, $p: JSON) {{ {fields} }}"
PREVIEW = "payloadFilterPreview(input: {eventType: BOOK_ADDED, conditions: $c, payload: $p})"


def previews(count: int) -> str:
    """Return a query that tries the same conditions several times."""
    fields = " ".join(f"a{number}: {PREVIEW} {{ results }}" for number in range(count))
    return PREVIEWS.format(fields=fields)


def comparing(match: dict[str, Any], *, count: int) -> list[dict[str, Any]]:
    return [{"path": "title", "match": match}] * count


@pytest.mark.parametrize(
    ("conditions", "payload", "most"),
    [
        pytest.param(comparing({"is": "x"}, count=1_000), None, 6, id="many inputs"),
        pytest.param(comparing({"like": "x"}, count=20), None, 15, id="patterns that suffice"),
        pytest.param(comparing({"like": "x"}, count=40), None, 12, id="many patterns"),
        pytest.param([], {"title": "x" * 500_000}, 4, id="a long text"),
        pytest.param([], {"title": ["x"] * 9_000}, 2, id="many items"),
        pytest.param([], {"x" * 500_000: None}, 4, id="a long name"),
    ],
)
def test_what_a_variable_holds_counts_for_each_field_that_it_is_given_to(
    graphql: GraphQL,
    owner: models.Model,
    conditions: list[Any],
    payload: Any,
    most: int,
) -> None:
    def ask(count: int) -> Answer:
        variables = {"c": conditions, "p": payload}
        return graphql(previews(count), variables=variables, user=owner)

    assert ask(most).ok
    if most < 15:
        answer = ask(most + 1)
        assert (answer.status, answer.code, answer.data) == (400, "BAD_REQUEST", None)
        assert "30,000 values" in answer.errors[0]["message"]


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query ($a: [String!]) { webhooks(filter: {keys: $a}) { totalCount } }", {"a": [1]}),
        ("query ($a: JSON) { x: __typename @skip(if: true) %s }", {"a": ["x"]}),
        ("{ viewer { id } }", {"a": ["x"]}),
        ("{ viewer { id } }", {"a": {str(number): 1 for number in range(31_000)}}),
    ],
)
def test_variables_are_weighed_before_they_are_read_whatever_becomes_of_them(
    graphql: GraphQL, owner: models.Model, document: str, variables: dict[str, Any]
) -> None:
    document = document.replace(
        "%s", PREVIEW.replace("$c", "[]").replace("$p", "$a") + " { isSent }"
    )
    many = {
        name: value * 30_000 if isinstance(value, list) else value
        for name, value in variables.items()
    }

    assert graphql(document, variables=many, user=owner).code == "BAD_REQUEST"


def test_too_much_is_refused_before_anything_is_looked_up_or_written(
    graphql: GraphQL, owner: models.Model
) -> None:
    token = make_token(owner).text
    events = [{"eventType": "PING"}] * 30_000

    with CaptureQueriesContext(connection) as queries:
        answer = graphql(CREATE, variables={"input": described(events=events)}, token=token)

    assert answer.status == 400
    assert {sql["sql"].split('"')[1] for sql in queries} == {"webhook_api_apitoken"}


def test_the_largest_webhook_that_there_may_be_is_made(
    graphql: GraphQL, owner: models.Model
) -> None:
    events = [
        {
            "eventType": "BOOK_ADDED",
            "conditions": [
                {"path": "title", "match": {"like" if number < 100 else "contains": f"a{number}"}}
                for number in range(twenty * 20, twenty * 20 + 20)
            ],
        }
        for twenty in range(100)
    ]

    answer = graphql(CREATE, variables={"input": described(events=events)}, user=owner)

    assert answer.ok["createWebhook"]["userErrors"] == []
    assert Webhook.objects.get().event_subscriptions.count() == 100
