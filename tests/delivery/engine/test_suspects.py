"""A delivery that takes its workers down takes no others with it."""

from __future__ import annotations

import threading
from datetime import timedelta
from random import Random

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.engine.claim import claim_due
from delivery.engine.job import load_jobs
from delivery.engine.record import record
from delivery.models import Delivery, Webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.engine.hands import ACCEPTED, sent
from tests.services.receiver import Receiver
from tests.work import deliver, later, make_owner, subscribe

pytestmark = pytest.mark.django_db

WEBHOOKS = 5


@pytest.fixture(autouse=True)
def deliveries(owner: models.Model, receiver: Receiver) -> None:
    """Have a delivery wait for each of some webhooks."""
    for number in range(WEBHOOKS):
        subscribe(owner, receiver.url(f"/{number}"))
    publish(Ping(), owner=owner)
    actors.fan_out()


def work(*, minute: int, deadly: Delivery) -> None:
    """Claim as a worker does that ends when it sends the deadly one, and sends all others."""
    now = later(minutes=minute)
    jobs = load_jobs(claim_due(now=now, limit=100), now=now)
    if any(job.claim.delivery_id == deadly.pk for job in jobs):
        return
    record([sent(job, ACCEPTED) for job in jobs], now=now, random=Random(0))


@pytest.mark.parametrize("position", range(WEBHOOKS))
def test_only_what_takes_its_workers_down_is_given_up(position: int) -> None:
    deadly = Delivery.objects.order_by("pk")[position]

    for minute in range(3 * WEBHOOKS):
        work(minute=minute, deadly=deadly)
    deliver(now=later(hours=1))

    statuses = dict(Delivery.objects.values_list("pk", "status"))
    assert statuses.pop(deadly.pk) == Delivery.Status.FAILED
    assert set(statuses.values()) == {Delivery.Status.SUCCEEDED}


def test_what_workers_died_with_again_and_again_is_sent_one_after_another(
    receiver: Receiver,
) -> None:
    for minute in range(2):
        claim_due(now=later(minutes=minute), limit=100)
    receiver.answers(200, delay=timedelta(milliseconds=20))

    deliver(now=later(minutes=5))

    assert receiver.in_flight_peak(None) == 1
    assert Delivery.objects.filter(status=Delivery.Status.SUCCEEDED).count() == WEBHOOKS


@pytest.mark.parametrize(
    "stopped",
    [{"max_in_flight": 1}, {"circuit": Webhook.Circuit.OPEN, "probe_at": later(days=1)}],
)
def test_suspects_that_cannot_be_sent_now_hold_up_no_others(
    receiver: Receiver, stopped: dict[str, object]
) -> None:
    others = Webhook.objects.earliest("pk")
    stranger = subscribe(make_owner("stranger"), receiver.url("/stranger"))
    for _ in range(3):
        publish(Ping(), owner=others.owner)
    publish(Ping(), owner=stranger.owner)
    actors.fan_out()
    for minute in range(2):
        claim_due(now=later(minutes=minute), limit=100)
    Webhook.objects.filter(pk=others.pk).update(**stopped)
    # Another worker has one of its deliveries, and the rest are the first of all.
    held = others.deliveries.latest("pk")
    others.deliveries.update(due_at=later(minutes=1))
    Delivery.objects.filter(pk=held.pk).update(due_at=later(hours=1))

    deliver(now=later(minutes=5))

    assert len(receiver.requests("/stranger")) == 1


def test_what_one_worker_died_with_is_sent_at_once(receiver: Receiver) -> None:
    claim_due(now=timezone.now(), limit=100)
    receiver.hangs()

    def release_when_all_hang() -> None:
        receiver.wait_for(WEBHOOKS)
        receiver.release()

    releasing = threading.Thread(target=release_when_all_hang)
    releasing.start()
    deliver(now=later(minutes=5))
    releasing.join()

    assert receiver.in_flight_peak(None) == WEBHOOKS
