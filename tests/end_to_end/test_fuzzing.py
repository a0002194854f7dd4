"""Whatever is sent to a running server, it answers as JSON, in time, and does not break."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from schemathesis.core.result import Ok

from tests.end_to_end.installation import Installation, embedded

# An idle machine needs a fraction of it.
_LONGEST = timedelta(seconds=10)

# The same examples each time: what fails in CI fails here.
repeatably = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

schemathesis.graphql.scalar(
    "DateTime",
    st.sampled_from(
        ["2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "", "x"]
    ).map(nodes.String),
)
schemathesis.graphql.scalar(
    "JSON",
    st.one_of(
        st.integers().map(nodes.Int),
        st.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
        st.text(max_size=20).map(nodes.String),
        st.booleans().map(nodes.Boolean),
    ),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Give a running server on which an owner may write as often as they like."""
    folder: Path = tmp_path_factory.mktemp("fuzzing")
    with embedded(folder) as installation:
        installation.env = {**installation.env, "WEBHOOK_WRITE_RATE": ""}
        installation.start()
        yield installation


@pytest.fixture(scope="module")
def token(server: Installation) -> str:
    """Return a token with every scope, of an owner with an event."""
    text = server.make_user("ada")
    server.python("""
from django.contrib.auth.models import User
from events.publishing import publish
from events.webhooks import Ping
publish(Ping(), owner=User.objects.get(username="ada"))
""")
    return text


@pytest.mark.parametrize("has_token", [True, False])
def test_no_document_of_the_schema_breaks_the_server(
    server: Installation, token: str, has_token: bool
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if has_token else {}
    schema = schemathesis.graphql.from_url(server.url)
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    assert {"Query.webhooks", "Mutation.createWebhook"} <= {each.label for each in operations}

    for operation in operations:

        @settings(repeatably, max_examples=10 if has_token else 2)
        @given(case=operation.as_strategy())
        def answers(case: schemathesis.Case[Any]) -> None:
            response = requests.post(
                server.url, json={"query": case.body}, headers=headers, timeout=60
            )
            _check(response.status_code, response.content, taken=response.elapsed)

        answers()


header_texts = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
documents = st.sampled_from(
    [
        "{ viewer { id } }",
        "query ($a: ID!, $b: Int!) { node(id: $a) { id } webhooks(first: $b) { totalCount } }",
        "mutation ($a: CreateApiTokenInput!) { createApiToken(input: $a) { text } }",
        "subscription { a }",
        "{ ...A } fragment A on Query { ...A }",
    ]
)
bodies = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda parts, encoding: json.dumps(parts).encode(encoding),
        st.fixed_dictionaries(
            {"query": documents | values},
            optional={
                "variables": st.dictionaries(st.sampled_from("ab"), values) | values,
                "operationName": values,
                "extensions": values,
            },
        ),
        st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp037"]),
    ),
)
header_lists = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "Authorization",
                "Cookie",
                "Content-Type",
                "X-CSRFToken",
                "Origin",
                "Referer",
                "Accept",
            ]
        ),
        st.one_of(
            header_texts,
            header_texts.map("Bearer {}".format),
            header_texts.map("sessionid={}; csrftoken=x".format),
            st.just('sessionid="a\\000b"'),
            st.just("application/json; charset=utf-16"),
        ),
    ),
    max_size=4,
)


@dataclass(frozen=True, kw_only=True)
class RawRequest:
    """A request as it goes over the wire; clients for people would put it right."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def send(self, to: Installation) -> tuple[int, bytes]:
        """Return the status and the body of the answer."""
        address = urlsplit(to.url).netloc
        connection = http.client.HTTPConnection(address, timeout=_LONGEST.total_seconds())
        try:
            connection.putrequest(self.method, self.path, skip_accept_encoding=True)
            for name, text in self.headers:
                connection.putheader(name, text.strip().encode("latin-1"))
            connection.putheader("Content-Length", str(len(self.body)))
            connection.endheaders(self.body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


raw_requests = st.builds(
    RawRequest,
    method=st.sampled_from(["POST"] * 14 + ["GET", "HEAD", "PUT", "DELETE", "TRACE", "BREW"]),
    path=st.sampled_from(["/graphql/", "/graphql", "/graphql/?query={viewer{id}}"]),
    headers=st.one_of(
        header_lists, header_lists.map(lambda some: [*some, ("Content-Type", "application/json")])
    ),
    body=bodies,
)


@settings(repeatably, max_examples=400)
@given(request=raw_requests)
def test_no_request_breaks_the_server(server: Installation, request: RawRequest) -> None:
    status, content = request.send(server)

    _check(status, content if request.method != "HEAD" else b"{}")


def _check(status: int, content: bytes, *, taken: timedelta = timedelta()) -> None:
    answer: Any = json.loads(content)
    assert status < 500
    assert answer.keys() <= {"data", "errors"}
    assert b'"INTERNAL"' not in content
    assert taken < _LONGEST
