"""The engine, from a due delivery to its record, against a real receiver."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models
from standardwebhooks import Webhook as Verifier

from delivery.models import Attempt, Delivery
from delivery.retry import FixedRetryPolicy
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db

TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


def test_w17_w34_a_request_is_a_signed_json_post_and_a_2xx_ends_its_delivery(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    record = publish(Ping(message="hello"), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    delivery = Delivery.objects.get()
    assert request.method == "POST"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["webhook-id"] == delivery.public_id
    verifier = Verifier(webhook.signing_secrets.get().secret)
    assert verifier.verify(request.body, dict(request.headers)) == {
        "type": "ping",
        "timestamp": record.occurred_at.isoformat().replace("+00:00", "Z"),
        "data": {"message": "hello"},
    }
    assert delivery.status == Delivery.Status.SUCCEEDED
    assert delivery.completed_at
    assert delivery.due_at is None


def test_w35_an_attempt_keeps_what_was_sent_and_what_came_back(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(200, body=b"thanks", headers={"X-Seen": "yes"})
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)

    deliver()

    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.outcome) == (1, Attempt.Outcome.SUCCEEDED)
    assert (attempt.status_code, attempt.response_body) == (200, "thanks")
    assert attempt.response_headers
    assert dict(attempt.response_headers)["X-Seen"] == "yes"
    assert attempt.request_url == receiver.url("/in")
    assert "webhook-signature" in dict(attempt.request_headers)
    assert attempt.duration > timedelta()
    assert attempt.error_message == ""


@pytest.mark.parametrize("status", [101, 301, 304, 400, 404, 418, 500, 503])
def test_w34_any_other_status_is_a_failed_attempt_that_is_retried(
    owner: models.Model, receiver: Receiver, status: int
) -> None:
    receiver.answers(status, headers={"Location": receiver.url("/elsewhere")})
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)
    now = later(seconds=1)

    deliver(now=now)

    attempt, delivery = Attempt.objects.get(), Delivery.objects.get()
    assert (attempt.outcome, attempt.status_code) == (Attempt.Outcome.REJECTED, status)
    assert str(status) in attempt.error_message
    assert delivery.status == Delivery.Status.RETRYING
    assert delivery.due_at == now + timedelta(seconds=60)
    assert not receiver.requests("/elsewhere")


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_w34_every_2xx_is_a_success_and_the_last_request(
    owner: models.Model, receiver: Receiver, status: int
) -> None:
    receiver.answers(status)
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)

    deliver()
    deliver(now=later(days=1))

    assert Attempt.objects.get().status_code == status
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED
    assert len(receiver.requests("/in")) == 1


def test_w34_a_refused_connection_is_told_apart_from_an_answer_and_retried(
    owner: models.Model,
) -> None:
    subscribe(owner, "http://127.0.0.1:4/nobody-listens", retry_policy=TWICE)
    publish(Ping(), owner=owner)
    now = later(seconds=1)

    deliver(now=now)

    attempt, delivery = Attempt.objects.get(), Delivery.objects.get()
    assert delivery.status == Delivery.Status.RETRYING
    assert delivery.due_at == now + timedelta(seconds=60)
    assert attempt.outcome == Attempt.Outcome.CONNECTION_FAILED
    assert attempt.status_code is None
    assert attempt.error_message


def test_w30_an_endpoint_that_does_not_answer_in_time_has_timed_out(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.hangs()
    subscribe(owner, receiver.url("/in"), timeout=timedelta(seconds=1))
    publish(Ping(), owner=owner)

    deliver()

    assert Attempt.objects.get().outcome == Attempt.Outcome.TIMED_OUT
    assert Delivery.objects.get().status == Delivery.Status.RETRYING


def test_an_address_that_is_not_allowed_is_not_dialled(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    type(webhook).objects.update(url="https://[::1]:4/in")
    publish(Ping(), owner=owner)

    deliver()

    assert Attempt.objects.get().outcome == Attempt.Outcome.ADDRESS_BLOCKED


def test_retries_carry_the_same_id_and_body_under_a_fresh_signature(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 200])
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)

    deliver()
    deliver(now=later(minutes=2))

    first, second = receiver.requests("/in")
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempt_count) == (Delivery.Status.SUCCEEDED, 2)


def test_a_retry_waits_until_it_is_due(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(500)
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)
    deliver()

    deliver(now=later(seconds=30))

    assert len(receiver.requests("/in")) == 1


def test_a_delivery_fails_when_its_policy_gives_up(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(500)
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)

    deliver()
    deliver(now=later(minutes=2))
    deliver(now=later(days=30))

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempt_count) == (Delivery.Status.FAILED, 2)
    assert delivery.completed_at
    assert len(receiver.requests("/in")) == 2
