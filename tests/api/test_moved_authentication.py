"""A stored secret is not sent to whichever host a webhook is pointed at later."""

from __future__ import annotations

import pytest
from django.db import models

from delivery.authentication import BearerAuthentication
from tests.api.client import GraphQL
from tests.api.mutations import UPDATE, change, mistakes
from tests.work import subscribe


@pytest.mark.parametrize(
    "url", ["https://example.net/in", "https://example.com:8443/in", "https://example.com.evil/in"]
)
def test_a_stored_authentication_does_not_follow_the_url_to_another_host(
    graphql: GraphQL, owner: models.Model, url: str
) -> None:
    webhook = subscribe(
        owner, "https://example.com/in", authentication=BearerAuthentication(token="tok_01234567")
    )
    wanted = {"url": url}

    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input=wanted)
    assert mistakes(payload) == [("REQUIRED", "input.authentication")]
    webhook.refresh_from_db()
    assert webhook.url == "https://example.com/in"

    anew = wanted | {"authentication": {"bearer": {"token": "tok_01234567"}}}
    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input=anew)
    assert mistakes(payload) == []
    assert payload["webhook"]["url"] == url


def test_a_stored_authentication_stays_while_the_host_does(
    graphql: GraphQL, owner: models.Model
) -> None:
    chosen = BearerAuthentication(token="tok_01234567")
    webhook = subscribe(owner, "https://example.com/in", authentication=chosen)

    wanted = {"url": "https://example.com/elsewhere"}
    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input=wanted)

    assert mistakes(payload) == []
    webhook.refresh_from_db()
    assert webhook.endpoint_authentication == chosen
