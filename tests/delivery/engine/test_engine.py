"""The engine, from a due delivery to its record, against a real receiver."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from delivery.engine.claim import LEASE, claim_due
from delivery.models import Attempt, Delivery
from delivery.retry import FixedRetryPolicy
from delivery.webhooks import cancel_webhook, pause_webhook, resume_webhook
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


@pytest.mark.parametrize("status", [101, 301, 304, 400, 404, 410, 500, 503])
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


def test_w34_a_refused_connection_is_told_apart_from_an_answer(owner: models.Model) -> None:
    subscribe(owner, "http://127.0.0.1:9/nobody-listens")
    publish(Ping(), owner=owner)

    deliver()

    attempt = Attempt.objects.get()
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
    type(webhook).objects.update(url="https://[::1]:9/in")
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


@pytest.mark.parametrize("stop", [pause_webhook, cancel_webhook])
def test_w22_stopping_a_webhook_stops_what_waits_retries_included(
    owner: models.Model, receiver: Receiver, stop: type
) -> None:
    receiver.answers(500)
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)
    deliver()

    stop(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    deliver(now=later(days=1))

    assert len(receiver.requests("/in")) == 1


def test_resuming_sends_what_waited(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers_in_turn([500, 200])
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)
    deliver()
    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())

    deliver()

    assert len(receiver.requests("/in")) == 2
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


def test_a_webhook_paused_while_its_request_was_under_way_keeps_what_waits(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500)
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)
    deliver()
    # As if the pause had come between the claim and the record: the row is still due.
    type(webhook).objects.update(status="paused")
    deliver(now=later(days=1))

    delivery = Delivery.objects.get()
    assert len(receiver.requests("/in")) == 1
    assert (delivery.status, delivery.due_at) == (Delivery.Status.RETRYING, None)


def test_a_webhook_cancelled_while_its_request_was_under_way_is_not_tried_again(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500)
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)
    deliver()
    type(webhook).objects.update(status="cancelled")
    deliver(now=later(days=1))

    assert len(receiver.requests("/in")) == 1
    assert Delivery.objects.get().status == Delivery.Status.CANCELLED


def test_a_webhook_never_has_more_requests_under_way_than_it_may(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(200, delay=timedelta(milliseconds=20))
    subscribe(owner, receiver.url("/in"), max_in_flight=3)
    for _ in range(20):
        publish(Ping(), owner=owner)

    deliver()

    assert len(receiver.requests("/in")) == 20
    assert receiver.in_flight_peak("/in") == 3


def test_r26_a_hanging_endpoint_keeps_nobody_waiting(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.hangs(path="/dead")
    subscribe(owner, receiver.url("/dead"), timeout=timedelta(seconds=30), max_in_flight=2)
    subscribe(owner, receiver.url("/live"))
    for _ in range(30):
        publish(Ping(), owner=owner)

    def release_when_live_has_all() -> None:
        receiver.wait_for(30, path="/live")
        receiver.release(path="/dead")

    release = threading.Thread(target=release_when_live_has_all)
    release.start()
    deliver()
    release.join()

    # Released only after the live endpoint had all: had it waited, this would not have ended.
    assert len(receiver.requests("/live")) == 30
    assert len(receiver.requests("/dead")) == 30


def test_the_number_of_statements_per_delivery_falls_with_their_number(
    owner: models.Model, receiver: Receiver
) -> None:
    for i in range(100):
        subscribe(owner, receiver.url(f"/{i}"))
    publish(Ping(), owner=owner)

    with CaptureQueriesContext(connection) as queries:
        deliver()

    assert Delivery.objects.filter(status=Delivery.Status.SUCCEEDED).count() == 100
    assert len(queries) < 100


def test_what_a_dead_worker_held_is_sent_when_its_lease_runs_out(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    actors_now = timezone.now()
    deliver(now=actors_now - timedelta(days=1))
    claim_due(now=timezone.now(), limit=10)

    deliver(now=later(seconds=1))
    held = len(receiver.requests("/in"))
    deliver(now=later(seconds=LEASE.total_seconds() + 1))

    assert held == 0
    assert len(receiver.requests("/in")) == 1
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


def test_a_delivery_that_takes_its_workers_down_is_given_up(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    deliver(now=timezone.now() - timedelta(days=1))
    for crash in range(6):
        claim_due(now=later(minutes=crash), limit=10)

    deliver(now=later(hours=1))

    assert not receiver.requests("/in")
    assert Delivery.objects.get().status == Delivery.Status.FAILED
    attempt = Attempt.objects.get()
    assert attempt.outcome == Attempt.Outcome.INTERRUPTED
    assert "6 times" in attempt.error_message
