from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import models
from django.test import Client
from graphql import get_introspection_query
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.client import GraphQL
from tests.api.mutations import CREATE, described

JSON = "application/json"
QUERY = b'{"query": "{ viewer { id } }"}'

pytestmark = pytest.mark.django_db

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
bodies = st.one_of(
    st.binary(),
    json_values.map(json.dumps).map(str.encode),
    st.fixed_dictionaries(
        {},
        optional={
            "query": json_values | st.sampled_from(["{ viewer { id } }", "query A { __typename }"]),
            "variables": json_values,
            "operationName": json_values,
            "extensions": json_values,
        },
    )
    .map(json.dumps)
    .map(str.encode),
)


def post(body: bytes | str, *, content_type: str = JSON) -> Any:
    return Client().post("/graphql/", body, content_type=content_type)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies)
def test_no_body_is_answered_with_a_server_error(body: bytes) -> None:
    answer = post(body)

    assert answer.status_code in {200, 400}
    assert answer.json().keys() <= {"data", "errors"}
    assert "INTERNAL" not in answer.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.text(st.characters()) | st.text('{}()[]:$!@."\\ #&|=,a1é\0\n', max_size=60))
def test_no_document_is_answered_with_a_server_error(document: str) -> None:
    answer = post(json.dumps({"query": document}))

    assert answer.status_code in {200, 400}
    assert "INTERNAL" not in answer.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=json_values)
def test_no_variable_is_answered_with_a_server_error(value: object) -> None:
    query = """query ($id: ID!, $first: Int!) {
      node(id: $id) { id } webhooks(first: $first) { totalCount } }"""

    answer = post(json.dumps({"query": query, "variables": {"id": value, "first": value}}))

    assert answer.status_code in {200, 400}
    assert "INTERNAL" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'"{ viewer { id } }"',
        b"4",
        b"true",
        b"[]",
        b"[" + QUERY + b"]",
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 4}',
        b'{"query": ["{ viewer { id } }"]}',
        b'{"query": "{ viewer { id } }", "variables": []}',
        b'{"query": "{ viewer { id } }", "variables": "{}"}',
        b'{"query": "{ viewer { id } }", "variables": {"a": NaN}}',
        b'{"query": "{ viewer { id } }", "variables": {"a": 1e400}}',
        b'{"query": "{ viewer { id } }", "variables": {"a": [-1e999]}}',
        b'{"query": "{ viewer { id } }", "operationName": 4}',
        b'{"query": "{ viewer { id } }", "operationName": "Other"}',
        b'{"query": "fragment A on Query { viewer { id } }"}',
        b'{"query": "{ viewer { id } }", "variables": {"a": ' + b"9" * 5000 + b"}}",
        b'{"query": "{ viewer { id } }"',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"query": "\xff"}',
        QUERY.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + QUERY,
        QUERY + b" " * 1_000_000,
    ],
)
def test_a_body_that_cannot_be_understood_is_a_bad_request(body: bytes) -> None:
    answer = post(body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        ";",
        "application/json, application/json",
        "application/json\u00ff",
        "x" * 10_000,
    ],
)
def test_only_json_is_taken(content_type: str) -> None:
    assert post(QUERY, content_type=content_type).status_code == 400


def test_a_body_of_a_megabyte_is_taken() -> None:
    assert post(QUERY.ljust(1_000_000)).json() == {"data": {"viewer": None}}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_only_post_is_taken(method: str) -> None:
    answer = Client().generic(method, "/graphql/", QUERY, content_type=JSON)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert answer.headers["Content-Type"] == JSON
    if method != "HEAD":
        assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


def test_of_several_operations_one_must_be_named() -> None:
    query = "query A { viewer { id } } query B { __typename }"

    unnamed = post(json.dumps({"query": query})).json()
    named = post(json.dumps({"query": query, "operationName": "B"})).json()

    assert "operationName" in unnamed["errors"][0]["message"]
    assert named == {"data": {"__typename": "Query"}}


def test_the_schema_can_be_asked_for(graphql: GraphQL) -> None:
    found = graphql(get_introspection_query(input_value_deprecation=True)).ok

    assert found["__schema"]["queryType"]["name"] == "Query"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters()), field=st.sampled_from(["name", "url", "description", "key"]))
def test_no_text_in_an_input_is_answered_with_a_server_error(
    owner: models.Model, text: str, field: str
) -> None:
    answer = GraphQL()(CREATE, variables={"input": described(**{field: text})}, user=owner)

    assert answer.status == 200
    assert answer.errors == []


@pytest.mark.parametrize("text", ["\\u0000", "\\uD800", "\\u{0}", "\0", "\ud800"])
@pytest.mark.parametrize(
    "document",
    [
        '{ webhooks(filter: {search: "%s"}) { totalCount } }',
        '{ webhooks(filter: {keys: ["%s"]}) { totalCount } }',
        '{ webhooks(after: "%s") { totalCount } }',
        '{ deliveries(filter: {webhookIds: ["%s"]}) { edges { cursor } } }',
        '{ node(id: "%s") { id } }',
        'mutation { createApiToken(input: {name: "%s", scopes: []}) { text } }',
        'mutation { cancelWebhook(id: "%s") { userErrors { code } } }',
    ],
)
def test_no_text_in_a_document_is_answered_with_a_server_error(
    owner: models.Model, document: str, text: str
) -> None:
    answer = GraphQL()(document.replace("%s", text), user=owner)

    assert answer.status in {200, 400}
    assert "INTERNAL" not in str(answer.errors)
