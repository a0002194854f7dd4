"""Suspension, as owners see it."""

from __future__ import annotations

import pytest
from django.db import models

from delivery.models import Delivery, Webhook
from tests.api.client import GraphQL
from tests.api.mutations import CANCEL, CREATE, PAUSE, RESUME, change, described, mistakes
from tests.api.rows import record_ping
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def suspended(owner: models.Model, receiver: Receiver) -> Webhook:
    """Return a webhook whose endpoint is gone."""
    receiver.answers(410)
    webhook = subscribe(owner, receiver.url("/in"))
    record_ping(owner)
    deliver()
    return webhook


def test_r20_the_owner_sees_the_suspension_and_why(
    graphql: GraphQL, owner: models.Model, suspended: Webhook
) -> None:
    shown = graphql.show(suspended, "{ status statusReason }", user=owner)

    assert shown == {
        "status": "SUSPENDED",
        "statusReason": "The endpoint answered with status 410: it is gone for good.",
    }


def test_r20_the_owner_is_informed_by_an_event(
    graphql: GraphQL, owner: models.Model, suspended: Webhook
) -> None:
    query = """{ events(filter: { eventTypes: [WEBHOOK_SUSPENDED] }) {
      edges { node { data { ... on WebhookSuspendedData { webhookId name reason } } } } } }"""

    [edge] = graphql(query, user=owner).ok["events"]["edges"]

    assert edge["node"]["data"]["webhookId"] == suspended.public_id
    assert edge["node"]["data"]["name"] == "A webhook"
    assert "410" in edge["node"]["data"]["reason"]


@pytest.mark.usefixtures("suspended")
def test_suspended_webhooks_can_be_listed(graphql: GraphQL, owner: models.Model) -> None:
    subscribe(owner, "https://example.com/active")
    query = "{ webhooks(filter: { statuses: [SUSPENDED] }) { edges { node { status } } } }"

    assert graphql(query, user=owner).ok["webhooks"]["edges"] == [{"node": {"status": "SUSPENDED"}}]


def test_a_resume_sends_what_waited(
    graphql: GraphQL, owner: models.Model, receiver: Receiver, suspended: Webhook
) -> None:
    receiver.answers(200)

    payload = change(graphql, RESUME, user=owner, id=suspended.public_id)

    assert (payload["userErrors"], payload["webhook"]["status"]) == ([], "ACTIVE")
    assert graphql.show(suspended, "{ statusReason }", user=owner) == {"statusReason": None}
    deliver()
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


@pytest.mark.parametrize(("mutation", "status"), [(PAUSE, "PAUSED"), (CANCEL, "CANCELLED")])
def test_it_can_be_paused_and_cancelled_too(
    graphql: GraphQL, owner: models.Model, suspended: Webhook, mutation: str, status: str
) -> None:
    payload = change(graphql, mutation, user=owner, id=suspended.public_id)

    assert (payload["userErrors"], payload["webhook"]["status"]) == ([], status)


@pytest.mark.usefixtures("suspended")
def test_its_url_is_not_free_for_another_webhook_of_the_same_events(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    payload = change(graphql, CREATE, user=owner, input=described(url=receiver.url("/in")))

    assert mistakes(payload) == [("TAKEN", "")]
