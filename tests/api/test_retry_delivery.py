"""`retryDelivery`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import models

from delivery.models import Delivery
from delivery.retry import FixedRetryPolicy
from tests.api.client import GraphQL
from tests.api.mutations import ERRORS, change, mistakes
from tests.api.rows import make_delivery, record_ping
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db

RETRY = f"""mutation ($id: ID!, $onlyIfEnded: Boolean! = false) {{
  retryDelivery(id: $id, onlyIfEnded: $onlyIfEnded) {{
    delivery {{ id status nextAttemptAt completedAt attemptCount
      attempts {{ number durationMilliseconds outcome response {{ statusCode body }} }} }}
    {ERRORS} }} }}"""
DELIVERY = """{ status attemptCount
  attempts { number durationMilliseconds outcome response { statusCode body } } }"""


def retry(graphql: GraphQL, delivery: Delivery, **variables: Any) -> dict[str, Any]:
    user = variables.pop("user", None) or delivery.webhook.owner
    return change(graphql, RETRY, user=user, id=delivery.public_id, **variables)


def test_w29_w37_what_failed_is_tried_again_and_reported_with_status_content_and_duration(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500, body=b"no")
    once = FixedRetryPolicy(max_attempts=1, delay=timedelta(seconds=60))
    subscribe(owner, receiver.url("/in"), retry_policy=once)
    record_ping(owner)
    deliver()
    delivery = Delivery.objects.get()
    receiver.answers(200, body=b"yes")

    payload = retry(graphql, delivery)

    assert payload["userErrors"] == []
    assert payload["delivery"]["id"] == delivery.public_id
    assert payload["delivery"]["status"] == "RETRYING"
    assert payload["delivery"]["nextAttemptAt"]
    assert payload["delivery"]["completedAt"] is None
    deliver()
    shown = graphql.show(delivery, DELIVERY, user=owner)
    assert (shown["status"], shown["attemptCount"]) == ("SUCCEEDED", 2)
    assert [(each["outcome"], each["response"]) for each in shown["attempts"]] == [
        ("REJECTED", {"statusCode": 500, "body": "no"}),
        ("SUCCEEDED", {"statusCode": 200, "body": "yes"}),
    ]
    assert all(each["durationMilliseconds"] is not None for each in shown["attempts"])


def test_w37_what_waits_for_a_retry_is_refused_if_only_what_has_ended_is_wanted(
    graphql: GraphQL, owner: models.Model
) -> None:
    delivery = make_delivery(
        subscribe(owner, "https://example.com/in"), status=Delivery.Status.RETRYING
    )

    refused = retry(graphql, delivery, onlyIfEnded=True)

    assert mistakes(refused) == [("WRONG_STATE", "")]
    assert refused["delivery"]["status"] == "RETRYING"
    assert retry(graphql, delivery)["userErrors"] == []


@pytest.mark.parametrize("status", ["SUCCEEDED", "SENDING"])
def test_w29_w37_what_was_delivered_or_is_under_way_is_refused(
    graphql: GraphQL, owner: models.Model, status: str
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    delivery = make_delivery(webhook, status=Delivery.Status[status])

    refused = retry(graphql, delivery)

    assert mistakes(refused) == [("WRONG_STATE", "")]
    assert refused["delivery"]["status"] == status


def test_w29_an_unknown_delivery_is_a_clear_error(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    delivery = make_delivery(subscribe(owner, "https://example.com/in"))

    of_another = retry(graphql, delivery, user=other_owner)
    no_such = change(graphql, RETRY, user=owner, id="dlv_" + "0" * 32)
    no_id = change(graphql, RETRY, user=owner, id="nonsense")

    for payload in (of_another, no_such, no_id):
        assert payload["delivery"] is None
        assert mistakes(payload) == [("NOT_FOUND", "id")]


def test_after_a_hundred_attempts_there_are_no_more(graphql: GraphQL, owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    delivery = make_delivery(webhook, status=Delivery.Status.FAILED, attempt_count=100)

    assert mistakes(retry(graphql, delivery)) == [("LIMIT_REACHED", "")]
