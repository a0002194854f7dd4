"""Webhooks that are stopped, endpoints that hang, workers that die: what the engine does then."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.engine import sending
from delivery.engine.claim import claim_due
from delivery.http.signing import generate_secret
from delivery.models import Attempt, Delivery, SigningSecret
from delivery.retry import FixedRetryPolicy
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import LEASE, deliver, later, subscribe

pytestmark = pytest.mark.django_db

TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


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
    assert len(queries) < 50


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


def test_more_requests_are_under_way_while_endpoints_hang(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.hangs()
    for i in range(40):
        subscribe(owner, receiver.url(f"/{i}"))
    publish(Ping(), owner=owner)

    def release_when_all_hang() -> None:
        receiver.wait_for(40)
        receiver.release()

    release = threading.Thread(target=release_when_all_hang)
    release.start()
    deliver(max_senders=60)
    release.join()

    assert receiver.in_flight_peak(None) == 40


def test_what_waited_too_long_for_a_sender_is_looked_at_again(
    owner: models.Model, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST_WAIT", timedelta(milliseconds=30))
    receiver.answers(200, delay=timedelta(milliseconds=20))
    for i in range(6):
        subscribe(owner, receiver.url(f"/{i}"))
    publish(Ping(), owner=owner)

    deliver(max_senders=1)

    assert {d.status for d in Delivery.objects.all()} == {Delivery.Status.SUCCEEDED}


def test_the_longest_due_is_claimed_first(owner: models.Model, receiver: Receiver) -> None:
    for i in range(3):
        subscribe(owner, receiver.url(f"/{i}"))
    publish(Ping(), owner=owner)
    deliver(now=timezone.now() - timedelta(days=1))
    first = Delivery.objects.earliest("pk")
    second = Delivery.objects.latest("pk")
    Delivery.objects.filter(pk=first.pk).update(due_at=timezone.now() - timedelta(hours=1))
    Delivery.objects.filter(pk=second.pk).update(due_at=timezone.now() - timedelta(hours=2))

    claimed = [claim_due(now=timezone.now(), limit=1).claims[0].delivery_id for _ in range(2)]

    assert claimed == [second.pk, first.pk]


def test_crashes_count_only_in_a_row(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(500)
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)
    deliver(now=timezone.now() - timedelta(days=1))
    for crash in range(3):
        claim_due(now=later(minutes=crash), limit=10)

    deliver(now=later(minutes=5))

    delivery = Delivery.objects.get()
    assert (delivery.attempt_count, delivery.crashes) == (1, 0)


def test_a_secret_that_has_expired_signs_no_more(owner: models.Model, receiver: Receiver) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    old = webhook.signing_secrets.get()
    SigningSecret.of(generate_secret(), webhook=webhook, now=timezone.now()).save()
    for is_over in (False, True):
        old.expires_at = timezone.now() - timedelta(1) if is_over else later(days=1)
        old.save()
        publish(Ping(), owner=owner)
        deliver()

    signatures = [request.headers["webhook-signature"] for request in receiver.requests()]
    assert [len(signature.split()) for signature in signatures] == [2, 1]
