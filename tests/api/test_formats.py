"""Forms of the body and headers of one's own, as they are chosen and shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from delivery.formats import payload_formats
from delivery.models import Attempt, Delivery, Webhook
from delivery.webhook_rules import EventSubscriptionSpec
from events.publishing import publish
from events.webhooks import Ping
from tests.api.client import GraphQL
from tests.api.mutations import CREATE, UPDATE, change, described, mistakes
from tests.api.rows import make_attempt, make_delivery
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

SHOWN = "{ format headers { name value } version }"
ATTEMPT = "{ request { method url headers { name value } body } }"


def created(graphql: GraphQL, owner: models.Model, **changes: Any) -> Webhook:
    """Return the webhook that a mutation has created."""
    payload = change(graphql, CREATE, user=owner, input=described(**changes))
    assert not payload["userErrors"]
    return Webhook.objects.get()


def test_a_format_and_headers_are_stored_and_shown(graphql: GraphQL, owner: models.Model) -> None:
    headers = [{"name": "X-Tenant", "value": "7"}, {"name": "X-Empty", "value": ""}]

    webhook = created(graphql, owner, format="REST_HOOKS", headers=headers)

    assert webhook.payload_format == "rest_hooks"
    assert graphql.show(webhook, SHOWN, user=owner) == {
        "format": "REST_HOOKS",
        "headers": headers,
        "version": 1,
    }


def test_the_default_is_standard_webhooks_without_more_headers(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = created(graphql, owner)

    shown = graphql.show(webhook, SHOWN, user=owner)

    assert (shown["format"], shown["headers"]) == ("STANDARD", [])


@pytest.mark.parametrize("name", payload_formats.names())
def test_every_registered_format_can_be_chosen(
    graphql: GraphQL, owner: models.Model, name: str
) -> None:
    assert created(graphql, owner, format=name.upper()).payload_format == name


def test_an_update_changes_what_it_names_and_keeps_the_rest(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = created(graphql, owner, headers=[{"name": "X-Tenant", "value": "7"}])

    change(graphql, UPDATE, user=owner, id=webhook.public_id, input={"format": "WHISPERER"})
    assert graphql.show(webhook, SHOWN, user=owner) == {
        "format": "WHISPERER",
        "headers": [{"name": "X-Tenant", "value": "7"}],
        "version": 2,
    }

    replaced = {"headers": [{"name": "X-Other", "value": "8"}]}
    change(graphql, UPDATE, user=owner, id=webhook.public_id, input=replaced)
    assert graphql.show(webhook, SHOWN, user=owner) == {
        "format": "WHISPERER",
        "headers": [{"name": "X-Other", "value": "8"}],
        "version": 3,
    }


@pytest.mark.parametrize("field", ["format", "headers"])
def test_null_is_a_mistake_where_there_must_be_a_value(
    graphql: GraphQL, owner: models.Model, field: str
) -> None:
    webhook = created(graphql, owner)

    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input={field: None})

    assert mistakes(payload) == [("REQUIRED", f"input.{field}")]


def test_a_format_that_is_not_registered_is_refused(graphql: GraphQL, owner: models.Model) -> None:
    answer = graphql(CREATE, variables={"input": described(format="XML")}, user=owner)

    assert "XML" in answer.errors[0]["message"]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Content-Type", "text/plain", ("FORBIDDEN_HEADER", "input.headers.0.name")),
        ("X Tenant", "7", ("INVALID", "input.headers.0.name")),
        ("X-Tenant", "7\r\nX-Evil: 1", ("INVALID", "input.headers.0.value")),
        ("X-Tenant", "\0", ("INVALID", "input.headers.0.value")),
    ],
)
def test_w40_a_header_that_may_not_be_set_is_told_by_code_and_path(
    graphql: GraphQL, owner: models.Model, name: str, value: str, expected: tuple[str, str]
) -> None:
    wanted = described(headers=[{"name": name, "value": value}])

    payload = change(graphql, CREATE, user=owner, input=wanted)

    assert mistakes(payload) == [expected]
    assert not Webhook.objects.exists()


@pytest.mark.django_db
def test_a_webhook_whose_format_is_gone_still_reads_and_can_be_changed(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    Webhook.objects.update(payload_format="gone")

    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input={"name": "Renamed"})

    assert not payload["userErrors"]
    assert graphql.show(webhook, SHOWN, user=owner)["format"] is None
    change(graphql, UPDATE, user=owner, id=webhook.public_id, input={"format": "STANDARD"})
    assert graphql.show(webhook, SHOWN, user=owner)["format"] == "STANDARD"


@pytest.mark.parametrize("name", payload_formats.names())
def test_an_attempt_shows_the_body_that_was_sent(
    graphql: GraphQL, owner: models.Model, receiver: Receiver, name: str
) -> None:
    wanted = EventSubscriptionSpec(event_type="ping", selection="{ message }")
    webhook = subscribe(owner, receiver.url("/in"), wanted, payload_format=name)
    publish(Ping(message="hello"), owner=owner)
    deliver()
    # What comes later changes nothing of what was.
    moved = {"url": "https://example.com/elsewhere", "format": "STANDARD", "events": [PINGS]}
    assert not change(graphql, UPDATE, user=owner, id=webhook.public_id, input=moved)["userErrors"]

    shown = graphql.show(Attempt.objects.get(), ATTEMPT, user=owner)["request"]

    [request] = receiver.requests("/in")
    assert shown["body"] == request.body.decode()
    assert (shown["method"], shown["url"]) == ("POST", receiver.url("/in"))


PINGS = {"eventType": "PING"}


def test_the_body_of_an_attempt_is_null_once_its_format_is_gone(
    graphql: GraphQL, owner: models.Model
) -> None:
    attempt = make_attempt(make_delivery(subscribe(owner, "https://example.com/in")))
    Delivery.objects.update(payload_format="gone")

    assert graphql.show(attempt, ATTEMPT, user=owner)["request"]["body"] is None


def test_the_body_of_an_attempt_that_sent_nothing_is_null(
    graphql: GraphQL, owner: models.Model
) -> None:
    delivery = make_delivery(subscribe(owner, "https://example.com/in"))
    attempt = make_attempt(delivery, request_headers=[], status_code=None)

    assert graphql.show(attempt, ATTEMPT, user=owner)["request"]["body"] is None
