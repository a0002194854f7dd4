"""Order by a field, on the wire: what has one key reaches a webhook one after another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.engine.claim import claim_due
from delivery.engine.order import let_orphans_go
from delivery.models import Delivery
from delivery.retry import FixedRetryPolicy
from delivery.synchronous import deliver_now
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from events.publishing import publish, publish_many
from events.webhooks import Ping
from examples.bookshop.models import PackageStatus
from examples.bookshop.webhooks import PackageCreated
from tests.delivery.invariants import broken_rules
from tests.delivery.packages import SHIPPED, SLOWLY, arrived, publish_some, shipped
from tests.services.receiver import Receiver
from tests.work import LEASE, deliver, later, subscribe

pytestmark = pytest.mark.django_db(transaction=True)

ONCE = FixedRetryPolicy(max_attempts=1)
TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


def statuses() -> list[str]:
    """Return how the deliveries stand, in the order in which their events were published."""
    assert broken_rules() == []
    return list(Delivery.objects.order_by("event").values_list("status", flat=True))


def test_deliveries_of_one_key_arrive_one_after_another_as_they_were_published(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([SLOWLY])
    subscribe(owner, receiver.url("/in"), SHIPPED)
    publish_some(owner, *range(8))

    deliver()

    assert arrived(receiver) == list(range(8))
    assert receiver.in_flight_peak("/in") == 1
    assert statuses() == ["succeeded"] * 8


def test_event_types_share_an_order(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers_in_turn([SLOWLY])
    subscribe(owner, receiver.url("/in"), SHIPPED, "package.created")
    created = PackageCreated(
        tracking_id=UUID(int=1), order_id=0, status=PackageStatus.PACKED, weight_kg=1.5
    )

    publish_many([created, shipped(1, number=1), shipped(1, number=2)], owner=owner)
    deliver()

    assert arrived(receiver) == [0, 1, 2]
    assert receiver.in_flight_peak("/in") == 1


def test_what_failed_is_accepted_before_the_next_is_sent(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 200])
    subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=TWICE)
    publish_some(owner, 0, 1, 2)

    deliver()
    waiting = arrived(receiver)
    deliver(now=later(minutes=2))

    assert waiting == [0]
    assert arrived(receiver) == [0, 0, 1, 2]
    assert statuses() == ["succeeded"] * 3


def test_what_failed_for_good_lets_the_next_go(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers_in_turn([replace(SLOWLY, status=500), SLOWLY])
    subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=ONCE)
    publish_some(owner, 0, 1, 2)

    deliver()

    assert arrived(receiver) == [0, 1, 2]
    assert receiver.in_flight_peak("/in") == 1
    assert statuses() == ["failed", "succeeded", "succeeded"]


def test_while_one_waits_for_its_retry_other_keys_and_unordered_events_go_on(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 200])
    subscribe(owner, receiver.url("/in"), SHIPPED, "ping", retry_policy=TWICE)
    publish_some(owner, 0)
    deliver()

    publish_some(owner, 1)
    publish_some(owner, 0, 1, package=2)
    publish(Ping(), owner=owner)
    deliver()

    assert arrived(receiver) == [0]
    assert arrived(receiver, 2) == [0, 1]
    assert len(receiver.requests("/in")) == 4
    deliver(now=later(minutes=2))
    assert arrived(receiver) == [0, 0, 1]


def test_a_cancelled_webhook_gets_nothing_more_and_nothing_stays_behind(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500)
    webhook = subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=TWICE)
    publish_some(owner, 0, 1, 2)
    deliver()

    cancelled = cancel_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    deliver(now=later(minutes=2))

    assert arrived(receiver) == [0]
    assert cancelled.delivery_count == 3
    assert statuses() == ["cancelled"] * 3


def test_a_pause_and_a_resume_keep_the_order(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers_in_turn([500, SLOWLY])
    webhook = subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=TWICE)
    publish_some(owner, 0, 1, 2)
    deliver()

    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    deliver(now=later(minutes=2))
    while_paused = arrived(receiver)
    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    publish_some(owner, 3)
    deliver()

    assert while_paused == [0]
    assert arrived(receiver) == [0, 0, 1, 2, 3]
    assert receiver.in_flight_peak("/in") == 1
    assert statuses() == ["succeeded"] * 4


def test_what_a_dead_worker_held_is_sent_before_the_next(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([SLOWLY])
    subscribe(owner, receiver.url("/in"), SHIPPED)
    publish_some(owner, 0, 1, 2)
    actors.fan_out()

    held = claim_due(now=timezone.now(), limit=10).claims
    deliver(now=later(seconds=LEASE.total_seconds() / 2))
    meanwhile = arrived(receiver)
    deliver(now=later(seconds=LEASE.total_seconds() + 1))

    assert len(held) == 1
    assert meanwhile == []
    assert arrived(receiver) == [0, 1, 2]
    assert receiver.in_flight_peak("/in") == 1


def test_delivering_at_once_keeps_the_order(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers_in_turn([SLOWLY])
    subscribe(owner, receiver.url("/in"), SHIPPED)
    records = publish_many([shipped(1, number=number) for number in range(4)], owner=owner)

    deliver_now(records)

    assert arrived(receiver) == [0, 1, 2, 3]
    assert receiver.in_flight_peak("/in") == 1


def test_what_was_behind_a_delivery_that_is_gone_is_let_go(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 200])
    subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=TWICE)
    publish_some(owner, 0, 1, 2)
    deliver()
    assert let_orphans_go(now=timezone.now()) == 0
    Delivery.objects.order_by("event")[0].delete()

    assert let_orphans_go(now=timezone.now()) > 0

    deliver()
    assert arrived(receiver) == [0, 1, 2]
    assert statuses() == ["succeeded"] * 2


def test_who_delivers_at_once_does_not_wait_for_what_is_behind_a_failure(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500)
    subscribe(owner, receiver.url("/in"), SHIPPED, retry_policy=TWICE)

    tried = deliver_now(publish_many([shipped(1, number=0), shipped(1, number=1)], owner=owner))

    assert [each.attempt_count for each in tried] == [1, 0]
    assert arrived(receiver) == [0]
    assert broken_rules() == []
