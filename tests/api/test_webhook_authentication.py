"""Authentication of requests as it is chosen and shown, without what is secret."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from django.db import models

from delivery.authentication import (
    BasicAuthentication,
    BearerAuthentication,
    HeaderAuthentication,
    authentications,
)
from delivery.models import Attempt, Webhook
from delivery.sealing import seal
from events.publishing import publish
from events.webhooks import Ping
from tests.api.client import GraphQL
from tests.api.mutations import CREATE, UPDATE, change, described, mistakes
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

SHOWN = """{ authentication { __typename scheme
  ... on BasicAuthentication { username }
  ... on BearerAuthentication { tokenHint }
  ... on HeaderAuthentication { headerName } } }"""
BASIC = {"basic": {"username": "username", "password": "password"}}


def test_w4_w31_a_subscription_as_dj_whisperer_takes_it_is_made_and_delivered(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    wanted = described(
        url=receiver.url("/in"),
        format="WHISPERER",
        authentication=BASIC,
        retryPolicy={"linear": {"initialDelaySeconds": 60, "maxDelaySeconds": 600}},
    )

    payload = change(graphql, CREATE, user=owner, input=wanted)

    webhook = Webhook.objects.get()
    assert payload["userErrors"] == []
    assert payload["webhook"]["id"] == webhook.public_id
    assert (webhook.owner, webhook.status) == (owner, Webhook.Status.ACTIVE)
    publish(Ping(message="hello"), owner=owner)
    deliver()
    [request] = receiver.requests("/in")
    key = payload["signingSecret"].encode()
    signature = hmac.new(key, request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Whisperer-Signature"] == f"sha256={signature}"
    assert request.headers["Authorization"] == "Basic dXNlcm5hbWU6cGFzc3dvcmQ="


@pytest.mark.parametrize(
    ("given", "stored", "shown"),
    [
        (
            BASIC,
            BasicAuthentication(username="username", password="password"),
            {"__typename": "BasicAuthentication", "scheme": "basic", "username": "username"},
        ),
        (
            {"bearer": {"token": "tok_0123456789abcdef"}},
            BearerAuthentication(token="tok_0123456789abcdef"),
            {"__typename": "BearerAuthentication", "scheme": "bearer", "tokenHint": "cdef"},
        ),
        (
            {"bearer": {"token": "abcd"}},
            BearerAuthentication(token="abcd"),
            {"__typename": "BearerAuthentication", "scheme": "bearer", "tokenHint": "•••"},
        ),
        (
            {"header": {"headerName": "X-Api-Key", "headerValue": "open sesame"}},
            HeaderAuthentication(header_name="X-Api-Key", header_value="open sesame"),
            {"__typename": "HeaderAuthentication", "scheme": "header", "headerName": "X-Api-Key"},
        ),
    ],
)
def test_an_authentication_is_stored_and_shown_without_its_secret(
    graphql: GraphQL,
    owner: models.Model,
    given: dict[str, Any],
    stored: object,
    shown: dict[str, str],
) -> None:
    payload = change(graphql, CREATE, user=owner, input=described(authentication=given))

    webhook = Webhook.objects.get()
    assert payload["userErrors"] == []
    assert webhook.endpoint_authentication == stored
    assert graphql.show(webhook, SHOWN, user=owner)["authentication"] == shown


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"digest": {"username": "u", "password": "p"}}, "digest"),
        ({"basic": {"username": "u"}}, "password"),
        ({**BASIC, "bearer": {"token": "t"}}, "exactly one"),
        ({}, "exactly one"),
    ],
)
def test_w32_any_other_authentication_is_refused_and_nothing_is_stored(
    graphql: GraphQL, owner: models.Model, given: dict[str, Any], named: str
) -> None:
    wanted = described(authentication=given)

    answer = graphql(CREATE, variables={"input": wanted}, user=owner)

    assert named in str(answer.errors)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"basic": {"username": "a:b", "password": "p"}}, ("INVALID", "basic.username")),
        ({"basic": {"username": "a", "password": "p\n"}}, ("INVALID", "basic.password")),
        ({"basic": {"username": "a", "password": "\0"}}, ("INVALID", "basic.password")),
        ({"bearer": {"token": ""}}, ("OUT_OF_RANGE", "bearer.token")),
        ({"bearer": {"token": "a b"}}, ("INVALID", "bearer.token")),
        (
            {"header": {"headerName": "Host", "headerValue": "a"}},
            ("FORBIDDEN_HEADER", "header.headerName"),
        ),
        (
            {"header": {"headerName": "X-Key", "headerValue": "a\nb"}},
            ("INVALID", "header.headerValue"),
        ),
    ],
)
def test_a_mistake_in_an_authentication_is_told_by_code_and_path(
    graphql: GraphQL, owner: models.Model, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    payload = change(graphql, CREATE, user=owner, input=described(authentication=given))

    assert mistakes(payload) == [(expected[0], f"input.authentication.{expected[1]}")]
    assert not Webhook.objects.exists()


def test_mistakes_in_an_authentication_and_a_retry_policy_are_told_together(
    graphql: GraphQL, owner: models.Model
) -> None:
    wanted = described(
        authentication={"bearer": {"token": ""}}, retryPolicy={"fixed": {"delaySeconds": 0}}
    )

    payload = change(graphql, CREATE, user=owner, input=wanted)

    assert mistakes(payload) == [
        ("OUT_OF_RANGE", "input.authentication.bearer.token"),
        ("OUT_OF_RANGE", "input.retryPolicy.fixed.delaySeconds"),
    ]


def test_an_update_keeps_an_authentication_that_it_leaves_out_and_null_takes_it_away(
    graphql: GraphQL, owner: models.Model
) -> None:
    chosen = BearerAuthentication(token="tok_0123456789abcdef")
    webhook = subscribe(owner, "https://example.com/in", authentication=chosen)

    change(graphql, UPDATE, user=owner, id=webhook.public_id, input={"name": "Renamed"})
    webhook.refresh_from_db()
    assert webhook.endpoint_authentication == chosen

    change(graphql, UPDATE, user=owner, id=webhook.public_id, input={"authentication": BASIC})
    shown = graphql.show(webhook, SHOWN, user=owner)["authentication"]
    assert shown["scheme"] == "basic"

    change(graphql, UPDATE, user=owner, id=webhook.public_id, input={"authentication": None})
    assert graphql.show(webhook, SHOWN, user=owner)["authentication"] is None


@pytest.mark.parametrize("name", ["forgotten", "basic"])
def test_a_scheme_that_cannot_be_read_any_more_is_shown_by_its_name_and_kept(
    graphql: GraphQL, owner: models.Model, name: str
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    stored = {"name": name, "sealed": seal('{"pin": "1234"}')}
    webhook.authentication = stored
    webhook.save()

    change(graphql, UPDATE, user=owner, id=webhook.public_id, input={"name": "Renamed"})

    webhook.refresh_from_db()
    assert webhook.authentication == stored
    assert graphql.show(webhook, SHOWN, user=owner)["authentication"] == {
        "__typename": "UnregisteredAuthentication",
        "scheme": name,
    }


def test_an_attempt_shows_its_headers_with_what_is_secret_hidden(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    chosen = BearerAuthentication(token="tok_0123456789abcdef")
    subscribe(owner, receiver.url("/in"), authentication=chosen, headers=(("X-Tenant", "7"),))
    publish(Ping(), owner=owner)
    deliver()

    shown = graphql.show(
        Attempt.objects.get(), "{ request { headers { name value } } }", user=owner
    )

    headers = {each["name"]: each["value"] for each in shown["request"]["headers"]}
    assert headers["Authorization"] == "•••"
    assert headers["X-Tenant"] == "7"


def test_no_type_of_the_schema_shows_a_secret(graphql: GraphQL) -> None:
    found = graphql("""{ __schema { types { name kind fields { name } } } }""").ok["__schema"][
        "types"
    ]

    shown = {
        field["name"]
        for each in found
        if each["kind"] == "OBJECT" and each["name"].endswith("Authentication")
        for field in each["fields"]
    }
    assert shown == {"scheme", "username", "tokenHint", "headerName"}
    assert len(authentications) == 3
