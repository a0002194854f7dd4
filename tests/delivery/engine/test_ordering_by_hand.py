"""Order by a field, where people have single deliveries sent again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.deliveries import retry_delivery
from delivery.engine.claim import claim_due
from delivery.engine.job import load_jobs
from delivery.engine.record import record
from delivery.models import Delivery
from delivery.retry import FixedRetryPolicy
from tests.delivery.engine.hands import REFUSED, sent
from tests.delivery.invariants import broken_rules
from tests.delivery.packages import SHIPPED, arrived, publish_some
from tests.services.receiver import Receiver
from tests.work import LEASE, deliver, later, subscribe

pytestmark = pytest.mark.django_db(transaction=True)

ONCE = FixedRetryPolicy(max_attempts=1)
TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


def statuses() -> list[str]:
    """Return how the deliveries stand, in the order in which their events were published."""
    return list(Delivery.objects.order_by("event").values_list("status", flat=True))


def fail_first(owner: models.Model, receiver: Receiver) -> None:
    """Publish an event whose delivery fails for good; the endpoint is well from then on."""
    receiver.answers_in_turn([500, 500, 200])
    subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=TWICE)
    publish_some(owner, 0)
    deliver()
    deliver(now=later(minutes=2))


def retry_first(owner: models.Model) -> None:
    """Have the delivery of the earliest event sent again."""
    first = Delivery.objects.earliest("event")
    retry_delivery(owner=owner, delivery_id=first.pk, now=timezone.now())


def test_a_failed_delivery_that_is_retried_by_hand_goes_before_what_came_after_it(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 500, 200])
    subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=ONCE)
    publish_some(owner, 0)
    deliver()
    publish_some(owner, 1, 2)
    retry_first(owner)

    deliver()

    assert arrived(receiver) == [0, 0, 1, 2]
    assert statuses() == ["failed", "succeeded", "succeeded"]


def test_what_is_behind_and_retried_by_hand_still_waits_for_what_is_before_it(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 200])
    subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=TWICE)
    publish_some(owner, 0, 1)
    deliver()

    second = Delivery.objects.latest("event")
    retry_delivery(owner=owner, delivery_id=second.pk, now=timezone.now())
    deliver()

    assert arrived(receiver) == [0]
    assert broken_rules() == []
    deliver(now=later(minutes=2))
    assert arrived(receiver) == [0, 0, 1]


def test_what_is_retried_by_hand_while_the_next_is_sent_goes_on_when_that_failed(
    owner: models.Model, receiver: Receiver
) -> None:
    fail_first(owner, receiver)
    publish_some(owner, 1, 2)
    actors.fan_out()
    jobs = load_jobs(claim_due(now=timezone.now(), limit=10), now=timezone.now())
    retry_first(owner)
    deliver()
    meanwhile = statuses()

    record([sent(job, REFUSED) for job in jobs], now=timezone.now(), random=Random(0))
    assert broken_rules() == []
    deliver(now=later(minutes=4))

    assert meanwhile == ["retrying", "sending", "pending"]
    assert arrived(receiver) == [0, 0, 0, 1, 2]
    assert statuses() == ["succeeded"] * 3


def test_what_is_retried_by_hand_while_the_next_is_sent_goes_first_if_its_worker_dies(
    owner: models.Model, receiver: Receiver
) -> None:
    fail_first(owner, receiver)
    publish_some(owner, 1)
    actors.fan_out()
    claim_due(now=timezone.now(), limit=10)
    retry_first(owner)

    deliver(now=later(seconds=LEASE.total_seconds() + 1))

    assert arrived(receiver) == [0, 0, 0, 1]
    assert statuses() == ["succeeded"] * 2
