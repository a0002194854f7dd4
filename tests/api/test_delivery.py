"""Deliveries and attempts as they are shown."""

from __future__ import annotations

import pytest
from django.db import models

from delivery.http.outcomes import Phase
from delivery.models import Attempt, Delivery
from delivery.retry import (
    FixedRetryPolicy,
)
from tests.api.client import GraphQL
from tests.api.rows import NOW, make_attempt, make_delivery
from tests.work import subscribe

URL = "http://127.0.0.1:4/"


def test_a_delivery_is_shown_with_its_event_its_webhook_and_its_attempts_in_order(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, URL, retry_policy=FixedRetryPolicy(max_attempts=3))
    delivery = make_delivery(webhook, status=Delivery.Status.RETRYING, attempt_count=2)
    second = make_attempt(delivery, number=2)
    first = make_attempt(delivery, number=1)

    shown = graphql.show(
        delivery,
        """{ id status origin attemptCount maxAttempts nextAttemptAt createdAt completedAt
        webhook { id } event { id } attempts { id number delivery { id } } }""",
        user=owner,
    )

    assert shown == {
        "id": delivery.public_id,
        "status": "RETRYING",
        "origin": "EVENT",
        "attemptCount": 2,
        "maxAttempts": 3,
        "nextAttemptAt": "2026-03-01T12:00:00Z",
        "createdAt": "2026-03-01T12:00:00Z",
        "completedAt": None,
        "webhook": {"id": webhook.public_id},
        "event": {"id": delivery.event.public_id},
        "attempts": [
            {"id": attempt.public_id, "number": number, "delivery": {"id": delivery.public_id}}
            for number, attempt in ((1, first), (2, second))
        ],
    }


def test_while_a_request_is_under_way_no_next_one_is_planned(
    graphql: GraphQL, owner: models.Model
) -> None:
    delivery = make_delivery(subscribe(owner, URL), status=Delivery.Status.SENDING)

    assert graphql.show(delivery, "{ nextAttemptAt }", user=owner) == {"nextAttemptAt": None}


def test_nobody_knows_when_it_is_tried_while_it_is_behind_another(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, URL)
    webhook.probe_at = NOW
    webhook.save()
    behind = make_delivery(webhook, due_at=None, ordering_key="key", is_behind=True)
    parked = make_delivery(webhook, due_at=None)

    assert graphql.show(behind, "{ nextAttemptAt }", user=owner) == {"nextAttemptAt": None}
    shown = graphql.show(parked, "{ nextAttemptAt }", user=owner)
    assert shown == {"nextAttemptAt": "2026-03-01T12:00:00Z"}


def test_w35_an_attempt_shows_what_was_sent_and_what_came_back(
    graphql: GraphQL, owner: models.Model
) -> None:
    attempt = make_attempt(make_delivery(subscribe(owner, URL)))

    shown = graphql.show(
        attempt,
        """{ number outcome errorMessage durationMilliseconds startedAt
        request { method url headers { name value } body }
        response { statusCode headers { name value } body isBodyTruncated } }""",
        user=owner,
    )

    assert shown == {
        "number": 1,
        "outcome": "SUCCEEDED",
        "errorMessage": None,
        "durationMilliseconds": 120,
        "startedAt": "2026-03-01T12:00:00Z",
        "request": {
            "method": "POST",
            "url": URL,
            "headers": [{"name": "content-type", "value": "application/json"}],
            "body": '{"type":"ping","timestamp":"2026-03-01T12:00:00Z","data":{"message":"hello"}}',
        },
        "response": {
            "statusCode": 200,
            "headers": [{"name": "server", "value": "a receiver"}],
            "body": "thanks",
            "isBodyTruncated": False,
        },
    }


def test_w34_an_attempt_without_an_answer_shows_why(graphql: GraphQL, owner: models.Model) -> None:
    attempt = make_attempt(
        make_delivery(subscribe(owner, URL)),
        outcome=Attempt.Outcome.TLS_FAILED,
        error_message="The certificate has expired.",
        status_code=None,
        response_headers=None,
        response_body="",
    )

    shown = graphql.show(attempt, "{ outcome errorMessage response { statusCode } }", user=owner)

    assert shown == {
        "outcome": "TLS_FAILED",
        "errorMessage": "The certificate has expired.",
        "response": None,
    }


@pytest.mark.parametrize("phase", Phase)
def test_an_attempt_tells_where_it_went_and_what_timed_out(
    graphql: GraphQL, owner: models.Model, phase: Phase
) -> None:
    attempt = make_attempt(
        make_delivery(subscribe(owner, URL)),
        outcome=Attempt.Outcome.TIMED_OUT,
        remote_address="2606:4700::1",
        timed_out_phase=phase.value,
    )

    shown = graphql.show(attempt, "{ remoteAddress timedOutPhase }", user=owner)

    assert shown == {"remoteAddress": "2606:4700::1", "timedOutPhase": phase.name}


def test_an_attempt_that_was_answered_from_within_tells_neither(
    graphql: GraphQL, owner: models.Model
) -> None:
    attempt = make_attempt(make_delivery(subscribe(owner, URL)))

    shown = graphql.show(attempt, "{ remoteAddress timedOutPhase }", user=owner)

    assert shown == {"remoteAddress": None, "timedOutPhase": None}
