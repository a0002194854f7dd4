"""Several workers at once, workers that stop, owners who change their mind meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.engine.claim import claim_due
from delivery.engine.engine import Engine
from delivery.engine.job import Job, NotSent, load_jobs
from delivery.engine.record import record
from delivery.http.outcomes import Unreachable
from delivery.models import Attempt, Delivery, Webhook
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.engine.hands import ACCEPTED, in_thread, sent
from tests.delivery.invariants import broken_rules
from tests.services.receiver import Receiver
from tests.work import LEASE, deliver, later, make_engine, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def engines() -> Iterator[Callable[..., Engine]]:
    """Return a function that makes engines, which are stopped at the end."""
    made: list[Engine] = []

    def make(**options: Any) -> Engine:
        made.append(make_engine(**options))
        return made[-1]

    yield make
    for engine in made:
        engine.stop()


def prepare(owner: models.Model, receiver: Receiver, *, webhooks: int, events: int = 1) -> None:
    for i in range(webhooks):
        subscribe(owner, receiver.url(f"/{i}"))
    for _ in range(events):
        publish(Ping(), owner=owner)
    actors.fan_out()


def test_two_engines_send_every_delivery_once(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    prepare(owner, receiver, webhooks=20, events=10)

    for thread in [in_thread(engines()), in_thread(engines())]:
        thread.join()

    ids = [request.headers["webhook-id"] for request in receiver.requests()]
    assert len(ids) == len(set(ids)) == 200
    assert Delivery.objects.filter(status=Delivery.Status.SUCCEEDED).count() == 200


def test_several_engines_together_keep_to_what_a_webhook_may_have_under_way(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    receiver.answers(200, delay=timedelta(milliseconds=5))
    subscribe(owner, receiver.url("/in"), max_in_flight=2)
    for _ in range(40):
        publish(Ping(), owner=owner)
    actors.fan_out()

    while Delivery.objects.waiting().exists():
        for thread in [in_thread(engines()) for _ in range(3)]:
            thread.join()

    assert len(receiver.requests("/in")) == 40
    assert receiver.in_flight_peak("/in") <= 2


def test_what_waits_for_the_request_of_another_worker_is_sent_by_that_one(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    receiver.hangs()
    subscribe(owner, receiver.url("/in"), max_in_flight=1)
    publish(Ping(), owner=owner)
    actors.fan_out()
    working = in_thread(engines())
    receiver.wait_for(1)
    publish(Ping(), owner=owner)
    actors.fan_out()

    engines().run_until_idle()
    receiver.release()
    working.join()

    # Nobody had to look for what was forgotten.
    assert len(receiver.requests("/in")) == 2
    assert broken_rules() == []


def test_stopping_lets_requests_end_and_gives_back_the_rest_in_its_turn(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    receiver.hangs()
    prepare(owner, receiver, webhooks=3)
    turns = dict(Delivery.objects.values_list("pk", "due_at"))
    engine = engines(max_senders=1)
    working = in_thread(engine)
    receiver.wait_for(1)

    stopping = threading.Thread(target=engine.stop)
    stopping.start()
    receiver.release()
    stopping.join()
    working.join()

    statuses = sorted(Delivery.objects.values_list("status", flat=True))
    assert statuses == ["pending", "pending", "succeeded"]
    assert all(d.due_at == turns[d.pk] for d in Delivery.objects.waiting())


@pytest.mark.parametrize("wake", [Engine.run_until_idle, Engine.look_again])
def test_an_engine_that_was_told_to_look_again_while_busy_does(
    owner: models.Model,
    receiver: Receiver,
    engines: Callable[..., Engine],
    wake: Callable[[Engine], None],
) -> None:
    receiver.hangs(path="/0")
    prepare(owner, receiver, webhooks=1)
    engine = engines()
    working = in_thread(engine)
    receiver.wait_for(1)
    subscribe(owner, receiver.url("/late"))
    publish(Ping(), owner=owner)
    actors.fan_out()

    wake(engine)  # Returns at once, for the other thread has the turn.

    receiver.wait_for(1, path="/late")
    receiver.release()
    working.join()


def test_whoever_lost_a_delivery_records_nothing_of_it(
    owner: models.Model, receiver: Receiver
) -> None:
    prepare(owner, receiver, webhooks=1)
    late = claimed_job(now=timezone.now())
    deliver(now=later(seconds=LEASE.total_seconds() + 1))

    record(
        [sent(late, Unreachable(reason="It came too late."))], now=timezone.now(), random=Random(0)
    )

    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED
    assert Attempt.objects.get().outcome == Attempt.Outcome.SUCCEEDED


@pytest.mark.parametrize("is_last_first", [False, True])
def test_who_claimed_a_delivery_twice_records_what_became_of_the_last_claim(
    owner: models.Model, receiver: Receiver, is_last_first: bool
) -> None:
    prepare(owner, receiver, webhooks=1)
    first = claimed_job(now=timezone.now())
    last = claimed_job(now=later(seconds=LEASE.total_seconds() + 1))
    ended = [sent(first, Unreachable(reason="It came too late.")), sent(last, ACCEPTED)]

    record(ended[:: -1 if is_last_first else 1], now=timezone.now(), random=Random(0))

    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED
    assert Attempt.objects.get().outcome == Attempt.Outcome.SUCCEEDED


def claimed_job(*, now: datetime) -> Job:
    [job] = load_jobs(claim_due(now=now, limit=1), now=now)
    return job


def test_w22_a_request_that_fails_after_its_webhook_was_cancelled_is_the_last(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), timeout=timedelta(seconds=1))
    publish(Ping(), owner=owner)
    actors.fan_out()
    receiver.hangs()
    working = in_thread(engines())
    receiver.wait_for(1)

    cancel_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    working.join()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.due_at) == (Delivery.Status.CANCELLED, None)
    assert Attempt.objects.get().outcome == Attempt.Outcome.TIMED_OUT


def test_a_request_that_fails_after_its_webhook_was_paused_is_sent_again_when_it_is_resumed(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), timeout=timedelta(seconds=1))
    publish(Ping(), owner=owner)
    actors.fan_out()
    receiver.hangs()
    working = in_thread(engines())
    receiver.wait_for(1)

    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    working.join()
    receiver.release()

    parked = Delivery.objects.get()
    assert (parked.status, parked.due_at) == (Delivery.Status.RETRYING, None)
    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    deliver()
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


def test_a_webhook_resumed_while_its_delivery_was_being_put_aside_gets_it(
    owner: models.Model, receiver: Receiver
) -> None:
    prepare(owner, receiver, webhooks=1)
    Webhook.objects.update(status=Webhook.Status.PAUSED)
    now = timezone.now()
    [job] = load_jobs(claim_due(now=now, limit=1), now=now)
    resume_webhook(owner=owner, webhook_id=job.webhook.pk, now=now)

    record([NotSent(job=job)], now=now, random=Random(0))

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.due_at) == (Delivery.Status.PENDING, now)
