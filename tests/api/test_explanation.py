"""`deliveryExplanation`: why an event was or was not sent to a webhook."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from api.scopes import ApiTokenScope
from delivery.models import Delivery, Webhook
from delivery.webhook_rules import WebhookSpec
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from delivery.webhooks import update_webhook
from events.models import EventRecord
from events.publishing import EVERYONE, publish
from examples.bookshop.webhooks import BookAdded
from tests.api.client import GraphQL
from tests.api.mutations import make_token
from tests.api.rows import record_ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe, wanted_events

URL = "http://127.0.0.1:4/"
QUERY = """query ($event: ID!, $webhook: ID!) {
  deliveryExplanation(eventId: $event, webhookId: $webhook) {
    isSent reason message delivery { id status webhook { id } event { id } } } }"""
NOW_IT_WOULD = " If the event happened now, it would be sent."


@pytest.fixture
def ask(graphql: GraphQL, owner: models.Model) -> Any:
    """Return what explains an event and a webhook to the first owner."""

    def explain(event: EventRecord, webhook: Webhook) -> dict[str, Any] | None:
        variables = {"event": event.public_id, "webhook": webhook.public_id}
        found: dict[str, Any] | None
        found = graphql(QUERY, variables=variables, user=owner).ok["deliveryExplanation"]
        return found

    return explain


def absent(reason: str, message: str, *, is_sent: bool = False) -> dict[str, Any]:
    """Return the explanation of a delivery that was not made."""
    advice = NOW_IT_WOULD if is_sent else ""
    return {"isSent": is_sent, "reason": reason, "message": message + advice, "delivery": None}


def book_added(owner: models.Model) -> EventRecord:
    """Return the record of an event that was fanned out and sent."""
    emma = BookAdded(
        book_id=1, title="Emma", author="Jane Austen", pages=474, price=Decimal("9.90")
    )
    record = publish(emma, owner=owner)
    deliver()
    return record


def test_what_was_sent_is_explained_by_its_delivery(
    ask: Any, owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), "book.added")
    event = book_added(owner)

    found = ask(event, webhook)

    delivery = Delivery.objects.get()
    made = delivery.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert found == {
        "isSent": True,
        "reason": "MATCHED",
        "message": f"The delivery was made at {made}. Its status is SUCCEEDED.",
        "delivery": {
            "id": delivery.public_id,
            "status": "SUCCEEDED",
            "webhook": {"id": webhook.public_id},
            "event": {"id": event.public_id},
        },
    }


def test_an_event_that_waits_for_the_fan_out_says_so(ask: Any, owner: models.Model) -> None:
    wanting, other = subscribe(owner, URL), subscribe(owner, URL, "book.added")
    event = record_ping(owner)

    message = "The event's deliveries have not all been made yet."
    assert ask(event, wanting) == absent("NOT_FANNED_OUT", message, is_sent=True)
    assert ask(event, other) == absent("NOT_FANNED_OUT", message)


@pytest.mark.parametrize(
    ("stop", "message"),
    [(pause_webhook, "The webhook is paused."), (cancel_webhook, "The webhook is cancelled.")],
)
def test_a_webhook_that_is_stopped_is_sent_nothing(
    ask: Any, owner: models.Model, stop: Any, message: str
) -> None:
    webhook = subscribe(owner, URL)
    stop(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    event = record_ping(owner)
    deliver()

    assert ask(event, webhook) == absent("WEBHOOK_NOT_ACTIVE", message)


def test_the_reason_for_a_suspension_is_told(ask: Any, owner: models.Model) -> None:
    webhook = subscribe(owner, URL)
    webhook.status = Webhook.Status.SUSPENDED
    webhook.status_reason = "The endpoint is gone."
    webhook.save()
    event = record_ping(owner)
    deliver()

    message = "The webhook is suspended: The endpoint is gone."
    assert ask(event, webhook) == absent("WEBHOOK_NOT_ACTIVE", message)


def test_what_happened_before_a_webhook_was_made_or_resumed_would_be_sent_now(
    ask: Any, owner: models.Model
) -> None:
    event = record_ping(owner)
    deliver()
    new = subscribe(owner, URL, now=later(hours=1))
    resumed = subscribe(owner, URL + "resumed", is_paused=True)
    resume_webhook(owner=owner, webhook_id=resumed.pk, now=later(hours=1))

    for webhook in (new, resumed):
        found = ask(event, webhook)
        assert (found["reason"], found["isSent"]) == ("WEBHOOK_TOO_NEW", True)
        assert f"recorded at {event.recorded_at:%Y-%m-%dT%H:%M:%SZ}" in found["message"]
        assert found["message"].endswith(NOW_IT_WOULD)


def test_what_is_not_subscribed_to_is_not_sent(ask: Any, owner: models.Model) -> None:
    webhook = subscribe(owner, URL)

    message = "The webhook is not subscribed to `book.added`."
    assert ask(book_added(owner), webhook) == absent("NOT_SUBSCRIBED", message)


def test_subscribing_later_would_have_the_event_sent_now(ask: Any, owner: models.Model) -> None:
    webhook = subscribe(owner, URL)
    event = book_added(owner)
    new = WebhookSpec(name="New", url=URL, events=wanted_events("book.added"))
    update_webhook(owner=owner, webhook_id=webhook.pk, change=lambda _: new, now=timezone.now())

    message = "The webhook did not ask for this event then, and was changed since."
    assert ask(event, webhook) == absent("MATCHED", message, is_sent=True)


def test_an_event_for_everyone_is_explained_to_each_owner(
    ask: Any, owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    event = record_ping(EVERYONE)
    deliver()

    assert ask(event, webhook)["delivery"]["status"] == "SUCCEEDED"


def test_what_is_somebody_elses_or_nothing_is_null(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    mine, theirs = subscribe(owner, URL), subscribe(other_owner, URL)
    my_event, their_event = record_ping(owner), record_ping(other_owner)
    pairs = [
        (my_event.public_id, theirs.public_id),
        (their_event.public_id, mine.public_id),
        (mine.public_id, my_event.public_id),
        (my_event.public_id, f"whk_{'0' * 32}"),
        ("nonsense", ""),
    ]

    for event, webhook in pairs:
        variables = {"event": event, "webhook": webhook}
        assert graphql(QUERY, variables=variables, user=owner).ok == {"deliveryExplanation": None}


def test_an_explanation_needs_the_scope_for_deliveries(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook, event = subscribe(owner, URL), record_ping(owner)
    variables = {"event": event.public_id, "webhook": webhook.public_id}
    query = """query ($event: ID!, $webhook: ID!) {
      deliveryExplanation(eventId: $event, webhookId: $webhook) { reason } }"""

    refused = graphql(
        query, variables=variables, token=make_token(owner, ApiTokenScope.EVENTS_READ).text
    )
    told = graphql(
        query, variables=variables, token=make_token(owner, ApiTokenScope.DELIVERIES_READ).text
    )

    assert refused.code == "FORBIDDEN"
    assert told.ok["deliveryExplanation"] == {"reason": "NOT_FANNED_OUT"}
