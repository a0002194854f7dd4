"""Conditions that somebody wrote into the table by hand, or that another version wrote."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from delivery.models import Delivery, EventSubscription, Webhook
from events.models import EventRecord
from events.publishing import publish
from examples.bookshop.webhooks import BookAdded
from tests.api.client import GraphQL
from tests.api.mutations import UPDATE, change, mistakes
from tests.work import deliver, subscribe

EVENTS = "{ name events { conditions { path match value negate } } }"
WHY = """query ($event: ID!, $webhook: ID!) {
  deliveryExplanation(eventId: $event, webhookId: $webhook) { isSent reason message } }"""
NOTHING_MEETS_IT = {"path": "", "match": "ANY", "value": [], "negate": False}


@pytest.fixture(
    params=[
        "written by hand",
        "{}",
        "[[]]",
        '[{"path":"title","match":"resembles","value":"Emma","negate":false}]',
        '[{"path":"title","match":"is","value":"Emma","negate":"no"}]',
        "[" * 100_000,
    ]
)
def webhook(owner: models.Model, request: pytest.FixtureRequest) -> Webhook:
    made = subscribe(owner, "http://127.0.0.1:4/", "book.added")
    EventSubscription.objects.update(conditions=request.param)
    return made


def book_added(owner: models.Model) -> EventRecord:
    emma = BookAdded(
        book_id=1, title="Emma", author="Jane Austen", pages=474, price=Decimal("9.90")
    )
    record = publish(emma, owner=owner)
    deliver()
    return record


def update(graphql: GraphQL, webhook: Webhook, **wanted: Any) -> dict[str, Any]:
    return change(graphql, UPDATE, user=webhook.owner, id=webhook.public_id, input=wanted)


def test_they_are_shown_as_one_that_nothing_meets(
    graphql: GraphQL, owner: models.Model, webhook: Webhook
) -> None:
    shown = graphql.show(webhook, EVENTS, user=owner)

    assert shown["events"] == [{"conditions": [NOTHING_MEETS_IT]}]


def test_nothing_is_sent_and_the_explanation_says_why(
    graphql: GraphQL, owner: models.Model, webhook: Webhook
) -> None:
    event = book_added(owner)

    answer = graphql(
        WHY, variables={"event": event.public_id, "webhook": webhook.public_id}, user=owner
    )

    assert not Delivery.objects.exists()
    assert answer.ok["deliveryExplanation"] == {
        "isSent": False,
        "reason": "CONDITION_NOT_MET",
        "message": "The webhook's conditions cannot be read, so that nothing meets them. "
        "Set them anew.",
    }


def test_a_change_of_something_else_leaves_them_as_they_are(
    graphql: GraphQL, webhook: Webhook
) -> None:
    before = EventSubscription.objects.get().conditions

    payload = update(graphql, webhook, name="Another name")

    assert (mistakes(payload), payload["webhook"]["name"]) == ([], "Another name")
    assert EventSubscription.objects.get().conditions == before


def test_they_can_be_set_anew(graphql: GraphQL, owner: models.Model, webhook: Webhook) -> None:
    payload = update(graphql, webhook, events=[{"eventType": "BOOK_ADDED"}])

    book_added(owner)

    assert mistakes(payload) == []
    assert Delivery.objects.get().webhook == webhook
