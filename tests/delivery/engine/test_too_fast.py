"""Deliveries that are more than their webhooks may be sent in a minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import models

from delivery import actors
from delivery.conf import delivery_settings
from delivery.engine.claim import claim_due
from delivery.engine.engine import Engine
from delivery.engine.sweep import look
from delivery.http.transport import Transport
from delivery.models import Delivery, Webhook
from delivery.pace import Pace
from delivery.retry import FixedRetryPolicy
from delivery.synchronous import deliver_now
from delivery.webhook_states import cancel_webhook
from events.publishing import publish, publish_many
from events.webhooks import Ping
from tests.delivery.invariants import broken_rules
from tests.services.receiver import Receiver
from tests.services.valkey import ValkeyServer
from tests.work import LEASE, later, subscribe

pytestmark = pytest.mark.django_db


class Worker:
    """An engine whose time goes as it is told."""

    def __init__(self, redis_url: str | None = None) -> None:
        # Whatever a test publishes is due.
        self.now = later(minutes=1)
        self._engine = Engine(
            transport=Transport(rules=delivery_settings().endpoint_rules),
            max_senders=8,
            clock=lambda: self.now,
            random=Random(0),
            pace=Pace(redis_url, clock=self._seconds),
        )

    def _seconds(self) -> float:
        return self.now.timestamp()

    def work(self) -> None:
        """Send what may be sent now."""
        self._engine.run_until_idle()

    def work_at(self, moment: datetime) -> None:
        """Send what the sweep finds at a moment."""
        self.now = moment
        found = look(now=moment)
        if found.deliveries_due or found.probes_due:
            self.work()

    def stop(self) -> None:
        """Wait for what is under way."""
        self._engine.stop()


@pytest.fixture
def worker() -> Iterator[Worker]:
    """Return a worker that is stopped at the end."""
    made = Worker()
    yield made
    made.stop()


def published(count: int, *, owner: models.Model) -> None:
    """Have so many events published and fanned out."""
    for _ in range(count):
        publish(Ping(), owner=owner)
    actors.fan_out()


def test_what_is_too_fast_waits_and_spends_no_attempt(
    owner: models.Model, receiver: Receiver, worker: Worker
) -> None:
    subscribe(owner, receiver.url("/in"), max_requests_per_minute=5)
    published(12, owner=owner)

    worker.work()

    assert len(receiver.requests("/in")) == 5
    assert Delivery.objects.waiting().filter(attempt_count=0, crashes=0).count() == 7
    assert broken_rules() == []
    assert not look(now=worker.now).deliveries_due


@pytest.mark.parametrize("limit", [1, 2, 5, 90])
def test_nearly_as_much_is_sent_as_may_be_and_never_more(
    owner: models.Model, receiver: Receiver, worker: Worker, limit: int
) -> None:
    subscribe(owner, receiver.url("/in"), max_requests_per_minute=limit)
    published(limit * 3, owner=owner)
    began, sent_at = worker.now, list[int]()

    for second in range(210):
        worker.work_at(began + timedelta(seconds=second))
        sent_at += [second] * (len(receiver.requests("/in")) - len(sent_at))

    assert len(sent_at) == limit * 3
    assert all(
        later - earlier >= 60 for earlier, later in zip(sent_at, sent_at[limit:], strict=False)
    )
    assert Webhook.objects.get().probe_at is None
    assert broken_rules() == []


def test_all_is_sent_at_its_pace_while_redis_is_away(
    owner: models.Model, receiver: Receiver, valkey: ValkeyServer
) -> None:
    worker = Worker(valkey.url)
    subscribe(owner, receiver.url("/in"), max_requests_per_minute=5)
    published(8, owner=owner)

    with valkey.outage():
        worker.work()
        assert len(receiver.requests("/in")) == 5
        worker.work_at(worker.now + timedelta(seconds=65))
        worker.stop()

    assert len(receiver.requests("/in")) == 8
    assert broken_rules() == []


def test_a_retry_counts_as_well(owner: models.Model, receiver: Receiver, worker: Worker) -> None:
    policy = FixedRetryPolicy(delay=timedelta(seconds=1), max_attempts=3)
    subscribe(owner, receiver.url("/in"), max_requests_per_minute=2, retry_policy=policy)
    receiver.answers(500)
    published(1, owner=owner)
    began = worker.now

    for second in range(10):
        worker.work_at(began + timedelta(seconds=second))

    assert len(receiver.requests("/in")) == 2
    assert Delivery.objects.get().attempt_count == 2


def test_what_waited_for_its_pace_is_sent_when_the_limit_is_lifted(
    owner: models.Model, receiver: Receiver, worker: Worker
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), max_requests_per_minute=1)
    published(9, owner=owner)
    worker.work()

    Webhook.objects.filter(pk=webhook.pk).update(max_requests_per_minute=None)
    worker.work_at(worker.now + timedelta(seconds=65))

    assert len(receiver.requests("/in")) == 9


def test_a_pace_concerns_no_other_webhook(
    owner: models.Model, receiver: Receiver, worker: Worker
) -> None:
    subscribe(owner, receiver.url("/slowly"), max_requests_per_minute=1)
    subscribe(owner, receiver.url("/in"))
    published(20, owner=owner)

    worker.work()

    assert len(receiver.requests("/slowly")) == 1
    assert len(receiver.requests("/in")) == 20


def test_delivering_here_and_now_keeps_the_pace(owner: models.Model, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"), max_requests_per_minute=1)
    deliver_now(publish(Ping(), owner=owner))

    with pytest.raises(TimeoutError, match="no attempt has been made"):
        deliver_now(publish(Ping(), owner=owner), timeout=timedelta(seconds=0.2))

    assert len(receiver.requests("/in")) == 1
    assert broken_rules() == []


def test_what_a_dead_worker_held_of_a_cancelled_webhook_is_cancelled_at_any_pace(
    owner: models.Model, receiver: Receiver
) -> None:
    worker = Worker()
    webhook = subscribe(owner, receiver.url("/in"), max_requests_per_minute=2)
    publish_many([Ping()] * 2, owner=owner)
    actors.fan_out()
    worker.work()
    publish_many([Ping()] * 2, owner=owner)
    actors.fan_out()
    claim_due(now=worker.now, limit=10)
    cancel_webhook(owner=owner, webhook_id=webhook.pk, now=worker.now)

    worker.work_at(worker.now + LEASE + timedelta(seconds=1))
    worker.stop()

    statuses = Delivery.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["succeeded", "succeeded", "cancelled", "cancelled"]
