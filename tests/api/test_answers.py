"""What the answers look like, and how long they can get."""

from __future__ import annotations

import json
from typing import Any

import pytest
import strawberry
from django.db import models
from django.test import Client
from pytest_django import Settings

from tests.api.client import GraphQL
from tests.api.mutations import CREATE, described

JSON = "application/json"
QUERY = b'{"query": "{ viewer { id } }"}'

pytestmark = pytest.mark.django_db


def post(body: bytes | str, *, content_type: str = JSON) -> Any:
    return Client().generic("POST", "/graphql/", body, content_type=content_type)


@pytest.mark.parametrize("debug", [False, True])
def test_the_slash_at_the_end_may_be_missing(settings: Settings, debug: bool) -> None:
    settings.DEBUG = debug

    assert Client().post("/graphql", QUERY, content_type=JSON).json() == {"data": {"viewer": None}}


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "no such thing", ""])
def test_json_is_read_as_utf_8_whatever_the_charset_says(charset: str) -> None:
    answer = post(QUERY, content_type=f"{JSON}; charset={charset}")

    assert answer.json() == {"data": {"viewer": None}}


@pytest.mark.parametrize("value", ["A" * 900_000, "'" * 900_000])
def test_a_long_value_is_not_told_back_in_full(owner: models.Model, value: str) -> None:
    query = "query ($a: [WebhookStatus!]) { webhooks(filter: {statuses: $a}) { totalCount } }"

    answer = GraphQL()(query, variables={"a": [value]}, user=owner)

    assert 900 < len(answer.errors[0]["message"]) < 1_100


def test_a_document_that_is_wrong_all_over_is_told_of_a_hundred_errors() -> None:
    document = "{ " + " ".join(f"wrong{number}" for number in range(500)) + " }"

    errors = post(json.dumps({"query": document})).json()["errors"]

    assert len(errors) == 101
    assert "Too many validation errors" in errors[100]["message"]


def test_variables_that_are_wrong_all_over_are_told_of_fifty_errors(owner: models.Model) -> None:
    query = "query ($a: [String!]) { webhooks(filter: {keys: $a}) { totalCount } }"

    errors = GraphQL()(query, variables={"a": [1] * 9_000}, user=owner).errors

    assert len(errors) == 51
    assert "Too many errors" in errors[50]["message"]


@strawberry.type
class Another:
    number: int


def test_any_type_can_be_asked_whether_it_is_one_of_several(graphql: GraphQL) -> None:
    # All schemas of a process share what answers this.
    strawberry.Schema(query=Another)
    query = """{ __type(name: "UpdateWebhookInput") {
      isOneOf inputFields { name type { isOneOf ofType { isOneOf } } } } }"""

    found = graphql(query).ok["__type"]

    kinds = {field["name"]: field["type"] for field in found["inputFields"]}
    assert found["isOneOf"] is False
    assert kinds["retryPolicy"]["isOneOf"] is True
    assert kinds["events"] == {"isOneOf": False, "ofType": {"isOneOf": False}}


@pytest.mark.parametrize(
    ("request_json", "status"),
    [
        ({"query": "{"}, 200),
        ({"query": "{ noSuchField }"}, 200),
        ({"query": "query ($a: Int!) { viewer { id } nodes(ids: [$a]) { id } }"}, 200),
        ({"query": "query ($a: ID!) { node(id: $a) { id } }"}, 200),
        ({"query": "query A { __typename } query B { __typename }"}, 400),
        ({"query": "query A { __typename }", "operationName": "B"}, 400),
        ({"query": "{ " + "__typename " * 501 + "}"}, 400),
    ],
)
def test_an_answer_without_execution_has_no_data(
    request_json: dict[str, object], status: int
) -> None:
    answer = post(json.dumps(request_json))

    assert answer.status_code == status
    assert answer.json().keys() == {"errors"}
    for error in answer.json()["errors"]:
        assert error.get("extensions") == ({"code": "BAD_REQUEST"} if status == 400 else None)


def test_an_answer_to_a_field_that_failed_has_data() -> None:
    answer = post(b'{"query": "{ webhooks { totalCount } }"}')

    assert answer.status_code == 200
    assert answer.json()["data"] == {"webhooks": None}


CANARY = "canary-5e5a3e"
MISTAKEN: list[dict[str, Any]] = [
    {"authentication": {"basic": {"password": CANARY}}},
    {"authentication": {"basic": {"username": "a", "passwort": CANARY}}},
    {"authentication": {"basic": {"username": "a", "password": {"is": CANARY}}}},
    {"authentication": {"bearer": {"token": [CANARY, 1]}}},
    {"authentication": {"bearer": {"token": CANARY}, "basic": {}}},
    {"authentication": CANARY, "signingSecret": CANARY},
    {"signingSecret": CANARY, "evenst": []},
    {"signingSecret": CANARY, "events": None},
]


@pytest.mark.parametrize("mistaken", MISTAKEN)
def test_an_error_says_what_is_wrong_and_not_what_was_given(
    graphql: GraphQL, owner: models.Model, mistaken: dict[str, Any]
) -> None:
    wanted = described(**mistaken)
    literal = f"mutation {{ createWebhook(input: {_literal(wanted)}) {{ signingSecret }} }}"

    answers = [
        graphql(CREATE, variables={"input": wanted}, user=owner),
        graphql(literal, user=owner),
    ]

    for answer in answers:
        assert answer.errors
        assert all(error["message"].endswith((".", "?")) for error in answer.errors)
        assert CANARY not in str(answer.errors)


@pytest.mark.parametrize(
    "document",
    [
        f'mutation {{ createWebhook(input: {{signingSecret "{CANARY}"}}) {{ signingSecret }} }}',
        f"{{ \"it is '{CANARY}'\" }}",
        f'mutation {{ rotateSigningSecret(id: "whk_1", """{CANARY}\n\n""") {{ signingSecret }} }}',
    ],
)
def test_a_document_that_cannot_be_parsed_is_not_repeated(
    graphql: GraphQL, owner: models.Model, document: str
) -> None:
    answer = graphql(document, user=owner)

    assert answer.errors[0]["message"].startswith("Syntax Error: ")
    assert answer.errors[0]["locations"]
    assert CANARY not in str(answer.errors)


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {' '.join(f'{name}: {_literal(each)}' for name, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{' '.join(map(_literal, value))}]"
    return "PING" if value == "PING" else json.dumps(value)
