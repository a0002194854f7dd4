"""What owners see of a webhook's health, and of what waits because of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from delivery.models import Delivery, Webhook
from delivery.retry import FixedRetryPolicy
from events.publishing import publish
from events.webhooks import Ping
from tests.api.client import GraphQL
from tests.api.mutations import RESUME, change
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db

SOON = FixedRetryPolicy(max_attempts=50, delay=timedelta(seconds=1))
HEALTH = "{ health { consecutiveFailures failingSince circuit nextProbeAt } }"


def shown_time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def health(graphql: GraphQL, owner: models.Model, webhook: Webhook) -> dict[str, Any]:
    found: dict[str, Any] = graphql.show(webhook, HEALTH, user=owner)["health"]
    return found


def slowed(owner: models.Model, receiver: Receiver, *, now: datetime) -> Webhook:
    """Return a webhook whose endpoint has just asked for two minutes without requests."""
    receiver.answers(429, headers={"Retry-After": "120"})
    webhook = subscribe(owner, receiver.url("/in"), max_in_flight=1, retry_policy=SOON)
    for _ in range(2):
        publish(Ping(), owner=owner)
    deliver(now=now)
    return webhook


def test_in_calm_nothing_is_said_against_it(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    deliver()

    assert health(graphql, owner, webhook) == {
        "consecutiveFailures": 0,
        "failingSince": None,
        "circuit": "CLOSED",
        "nextProbeAt": None,
    }


def test_a_webhook_that_is_held_back_says_since_when_and_when_its_probe_is(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    now = later(seconds=1)
    webhook = slowed(owner, receiver, now=now)

    assert health(graphql, owner, webhook) == {
        "consecutiveFailures": 1,
        "failingSince": shown_time(now),
        "circuit": "OPEN",
        "nextProbeAt": shown_time(now + timedelta(minutes=2)),
    }


def test_while_a_probe_decides_no_other_is_announced(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    webhook = slowed(owner, receiver, now=later(seconds=1))
    Webhook.objects.update(circuit=Webhook.Circuit.HALF_OPEN)

    found = health(graphql, owner, webhook)

    assert (found["circuit"], found["nextProbeAt"]) == ("HALF_OPEN", None)


def test_what_waits_says_when_the_probe_is(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    now = later(seconds=1)
    slowed(owner, receiver, now=now)
    probe_at = shown_time(now + timedelta(minutes=2))
    untried = Delivery.objects.get(attempt_count=0)
    query = """query ($event: ID!, $webhook: ID!) {
      deliveryExplanation(eventId: $event, webhookId: $webhook) { message } }"""

    for each in Delivery.objects.all():
        shown = graphql.show(each, "{ nextAttemptAt }", user=owner)
        assert shown == {"nextAttemptAt": probe_at}
    which = {"event": untried.event.public_id, "webhook": untried.webhook.public_id}
    told = graphql(query, variables=which, user=owner).ok["deliveryExplanation"]["message"]
    assert f"not tried again before {probe_at[:19]}Z." in told


def test_what_is_not_parked_yet_says_so_too_and_what_ended_or_is_paused_says_nothing(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    now = later(seconds=1)
    slowed(owner, receiver, now=now)
    probe_at = now + timedelta(minutes=2)

    def next_attempt_at(**changes: object) -> str | None:
        Delivery.objects.update(**changes)
        found: str | None = graphql.show(
            Delivery.objects.latest("pk"), "{ nextAttemptAt }", user=owner
        )["nextAttemptAt"]
        return found

    assert next_attempt_at(due_at=now) == shown_time(probe_at)
    assert next_attempt_at(due_at=later(days=1)) != shown_time(probe_at)
    assert next_attempt_at(due_at=None, status="failed", completed_at=now) is None
    Webhook.objects.update(status=Webhook.Status.PAUSED)
    assert next_attempt_at(status="pending", completed_at=None) is None


def test_a_resume_of_an_active_webhook_ends_the_pause_and_changes_nothing_else(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    webhook = slowed(owner, receiver, now=timezone.now())
    receiver.answers(200)

    payload = change(graphql, RESUME, user=owner, id=webhook.public_id)

    assert payload["userErrors"] == []
    assert payload["webhook"]["version"] == webhook.version
    assert health(graphql, owner, webhook)["circuit"] == "CLOSED"
    active_since = webhook.active_since
    webhook.refresh_from_db()
    assert webhook.active_since == active_since
    deliver(now=later(minutes=2))
    assert not Delivery.objects.waiting().exists()
