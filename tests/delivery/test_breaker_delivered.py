"""The breaker at work: webhooks that fail are left in peace, and nothing is lost by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.breaker import FIRST_PAUSE, OPENS_AFTER
from delivery.engine.claim import claim_due
from delivery.engine.sweep import look
from delivery.models import Attempt, Delivery, Webhook
from delivery.parking import tend_parked
from delivery.retry import ExponentialRetryPolicy, FixedRetryPolicy
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.breaking import SOON, at_probe, opened, send, states
from tests.delivery.invariants import broken_rules
from tests.services.messages import Answer
from tests.services.receiver import Receiver
from tests.work import LEASE, deliver, later, subscribe

pytestmark = pytest.mark.django_db

WAITS = Delivery.Status.PENDING


def test_after_ten_failures_in_a_row_what_waits_is_parked_and_spends_no_attempts(
    owner: models.Model, receiver: Receiver
) -> None:
    opened(owner, receiver)

    deliver(now=later(seconds=20))

    assert len(receiver.requests("/in")) == OPENS_AFTER
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {None}
    untried = Delivery.objects.filter(attempt_count=0)
    assert [each.status for each in untried] == [WAITS] * 3
    assert not look(now=timezone.now()).deliveries_due


def test_a_single_probe_that_is_accepted_sends_all_that_was_parked(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = opened(owner, receiver)
    receiver.answers(200, delay=timedelta(milliseconds=50))
    assert look(now=at_probe(webhook)).probes_due

    deliver(now=at_probe(webhook))

    assert len(receiver.requests("/in")) == OPENS_AFTER * 2 + 3
    assert set(Delivery.objects.values_list("status", flat=True)) == {"succeeded"}
    assert Attempt.objects.count() == OPENS_AFTER * 2 + 3
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_a_probe_that_fails_is_the_only_request_and_the_next_one_comes_later(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = opened(owner, receiver)

    for count, pause in enumerate([60, 120, 240], start=1):
        now = at_probe(webhook)
        deliver(now=now)
        assert broken_rules() == []
        assert len(receiver.requests("/in")) == OPENS_AFTER + count
        assert at_probe(webhook) == now + timedelta(seconds=pause)
    assert webhook.consecutive_failures == OPENS_AFTER + 3


def test_probes_are_made_with_what_was_tried_the_least(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = opened(owner, receiver, waiting=2)
    untried = [each.public_id for each in Delivery.objects.filter(attempt_count=0).order_by("pk")]

    for _ in untried:
        deliver(now=at_probe(webhook))

    probes = receiver.requests("/in")[OPENS_AFTER:]
    assert [request.headers["webhook-id"] for request in probes] == untried


@pytest.mark.parametrize("status", [429, 503])
def test_an_endpoint_that_asks_to_slow_down_gets_nothing_until_the_moment_it_says(
    owner: models.Model, receiver: Receiver, status: int
) -> None:
    receiver.answers(status, headers={"Retry-After": "120"})
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=SOON, max_in_flight=1)
    now = later(seconds=1)
    send(owner, events=5, now=now)

    deliver(now=now + timedelta(seconds=119))
    assert len(receiver.requests("/in")) == 1
    assert at_probe(webhook) == now + timedelta(seconds=120)
    receiver.answers(200)
    deliver(now=now + timedelta(seconds=120))

    assert len(receiver.requests("/in")) == 6
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_r19_a_lone_delivery_keeps_the_schedule_of_its_policy(
    owner: models.Model, receiver: Receiver, status: int
) -> None:
    receiver.answers(status)
    doubling = ExponentialRetryPolicy(
        initial_delay=timedelta(seconds=1), factor=2, max_attempts=20, jitter=0
    )
    subscribe(owner, receiver.url("/in"), retry_policy=doubling)
    now = later(seconds=1)
    send(owner, now=now)

    for retry in range(15):
        now += timedelta(seconds=2**retry)
        assert Delivery.objects.get().due_at == now
        deliver(now=now)

    assert len(receiver.requests("/in")) == 16
    assert states() == (Webhook.Circuit.CLOSED, 1, False)
    assert Webhook.objects.get().consecutive_failures == 1


def test_what_is_due_after_the_probe_anyway_keeps_its_time(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(429)
    patient = FixedRetryPolicy(max_attempts=2, delay=timedelta(hours=1))
    subscribe(owner, receiver.url("/in"), retry_policy=patient)
    now = later(seconds=1)
    send(owner, now=now)

    # Nothing is parked that could be the probe: the delivery itself is.
    deliver(now=now + FIRST_PAUSE)
    assert states() == (Webhook.Circuit.HALF_OPEN, 1, False)
    assert Delivery.objects.get().due_at == now + timedelta(hours=1)
    assert not look(now=now + FIRST_PAUSE * 2).probes_due
    receiver.answers(200)
    deliver(now=now + timedelta(hours=1))

    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_while_a_probe_is_under_way_nothing_else_is_sent(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = opened(owner, receiver)
    now = at_probe(webhook)
    for _ in range(3):
        publish(Ping(), owner=owner)
    actors.fan_out()
    receiver.answers_in_turn([Answer(status=200, delay=timedelta(milliseconds=50)), 200])

    deliver(now=now)

    ended = Attempt.objects.filter(outcome="succeeded").order_by("started_at", "pk")
    probe = receiver.requests("/in")[OPENS_AFTER].headers["webhook-id"]
    assert ended[0].delivery.public_id == probe
    assert ended[1].started_at >= ended[0].started_at
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_a_probe_whose_worker_died_is_made_again(owner: models.Model, receiver: Receiver) -> None:
    webhook = opened(owner, receiver)
    now = at_probe(webhook)
    tend_parked(now=now)
    assert len(claim_due(now=now, limit=10).claims) == 1
    receiver.answers(200)

    deliver(now=now + timedelta(seconds=1))
    assert len(receiver.requests("/in")) == OPENS_AFTER
    deliver(now=now + LEASE)

    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_what_a_dead_worker_held_when_the_circuit_opened_is_parked_and_remembers_the_crash(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    actors.fan_out()
    now = later(seconds=1)
    [claim] = claim_due(now=now, limit=1).claims
    Webhook.objects.update(circuit=Webhook.Circuit.OPEN, probe_at=now + timedelta(hours=1))

    deliver(now=now + LEASE)

    parked = Delivery.objects.get()
    assert (parked.status, parked.due_at, parked.crashes) == (WAITS, None, 1)
    assert parked.fence > claim.fence
    deliver(now=at_probe(webhook))
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


def test_a_probe_that_vanished_is_replaced(owner: models.Model, receiver: Receiver) -> None:
    webhook = opened(owner, receiver)
    Webhook.objects.update(
        circuit=Webhook.Circuit.HALF_OPEN, probe_at=at_probe(webhook) + timedelta(minutes=1)
    )
    receiver.answers(200)

    deliver(now=at_probe(webhook))

    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_one_endpoint_that_is_left_in_peace_concerns_no_other(
    owner: models.Model, other_owner: models.Model, receiver: Receiver
) -> None:
    opened(owner, receiver)
    receiver.answers(200, path="/well")
    subscribe(other_owner, receiver.url("/well"))

    send(other_owner)

    assert len(receiver.requests("/well")) == 1
