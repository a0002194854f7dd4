"""What owners and programs do about a webhook whose circuit is open, and what the system does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import models
from django.utils import timezone

from delivery.breaker import OPENS_AFTER
from delivery.deliveries import retry_delivery
from delivery.models import Delivery, Webhook
from delivery.synchronous import deliver_now
from delivery.webhook_states import pause_webhook, resume_webhook
from delivery.webhooks import update_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.breaking import at_probe, opened, states
from tests.delivery.invariants import broken_rules
from tests.services.receiver import Receiver
from tests.work import deliver, later

pytestmark = pytest.mark.django_db


def test_a_retry_by_hand_is_the_probe(owner: models.Model, receiver: Receiver) -> None:
    opened(owner, receiver)
    receiver.answers(200)
    wanted = Delivery.objects.latest("pk")

    now = timezone.now()
    retried = retry_delivery(owner=owner, delivery_id=wanted.pk, now=now)
    assert retried.next_attempt_at == now
    assert broken_rules() == []
    deliver()

    assert receiver.requests("/in")[OPENS_AFTER].headers["webhook-id"] == wanted.public_id
    assert not Delivery.objects.parked().exists()
    deliver(now=later(seconds=5))
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_events_delivered_at_once_are_probes(owner: models.Model, receiver: Receiver) -> None:
    opened(owner, receiver, waiting=0)
    records = [publish(Ping(), owner=owner) for _ in range(2)]
    tried = deliver_now(records)
    assert [each.attempt_count for each in tried] == [1, 1]
    assert states()[0] == Webhook.Circuit.OPEN
    receiver.answers(200)

    [delivery] = deliver_now(publish(Ping(), owner=owner))

    assert delivery.status == Delivery.Status.SUCCEEDED
    assert Webhook.objects.get().circuit == Webhook.Circuit.CLOSED
    assert broken_rules() == []


def change_url(owner: models.Model, webhook: Webhook) -> None:
    update_webhook(
        owner=owner,
        webhook_id=webhook.pk,
        change=lambda spec: replace(spec, url=f"{spec.url}/new"),
        now=timezone.now(),
    )


def resume(owner: models.Model, webhook: Webhook) -> None:
    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())


def pause_and_resume(owner: models.Model, webhook: Webhook) -> None:
    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    assert broken_rules() == []
    deliver(now=later(hours=1))
    resume(owner, webhook)


@pytest.mark.parametrize("mend", [change_url, resume, pause_and_resume])
def test_what_its_owner_does_about_it_sends_what_was_parked_at_once(
    owner: models.Model, receiver: Receiver, mend: Callable[[models.Model, Webhook], None]
) -> None:
    webhook = opened(owner, receiver)
    receiver.answers(200)

    mend(owner, webhook)

    assert broken_rules() == []
    webhook.refresh_from_db()
    assert (webhook.consecutive_failures, webhook.failing_since) == (0, None)
    deliver()
    assert not Delivery.objects.parked().exists()
    # What had not come due is sent in its time.
    deliver(now=later(seconds=5))
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_r20_a_webhook_that_is_only_probed_is_suspended_in_the_end(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = opened(owner, receiver)
    assert webhook.failing_since
    end = webhook.failing_since + timedelta(days=5)
    while at_probe(webhook) <= end:
        # Most of the time goes by without anybody looking.
        deliver(now=max(at_probe(webhook), end - timedelta(minutes=30)))

    deliver(now=at_probe(webhook))

    webhook.refresh_from_db()
    assert webhook.status == Webhook.Status.SUSPENDED
    assert broken_rules() == []
    receiver.answers(200)
    resume(owner, webhook)
    deliver()
    assert not Delivery.objects.waiting().exists()
