"""Workers are told at once of what people want sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import dramatiq
import pytest
from django.db import models
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from delivery import actors
from delivery.deliveries import retry_delivery
from delivery.models import Delivery, Webhook
from delivery.webhook_states import pause_webhook, resume_webhook
from delivery.webhooks import update_webhook
from tests.api.rows import make_delivery
from tests.work import subscribe

pytestmark = pytest.mark.django_db


class Enqueued(dramatiq.Middleware):
    """Remembers which actors are sent messages."""

    def __init__(self) -> None:
        self.actors: list[str] = []

    def before_enqueue(
        self, broker: dramatiq.Broker, message: dramatiq.Message[Any], delay: int | None
    ) -> None:
        self.actors.append(message.actor_name)


@pytest.fixture
def enqueued() -> Iterator[Enqueued]:
    """Return what will remember which actors are sent messages from now on."""
    # Whatever was rung for before is over.
    actors.doorbell.answered(actors.deliver_due)
    enqueued = Enqueued()
    actors.broker.add_middleware(enqueued)
    yield enqueued
    actors.broker.middleware.remove(enqueued)
    actors.broker.flush_all()


def retry(webhook: Webhook) -> None:
    delivery = make_delivery(webhook, status=Delivery.Status.FAILED)
    retry_delivery(owner=webhook.owner, delivery_id=delivery.pk, now=timezone.now())


def resume(webhook: Webhook) -> None:
    pause_webhook(owner=webhook.owner, webhook_id=webhook.pk, now=timezone.now())
    resume_webhook(owner=webhook.owner, webhook_id=webhook.pk, now=timezone.now())


def change_url(webhook: Webhook) -> None:
    update_webhook(
        owner=webhook.owner,
        webhook_id=webhook.pk,
        change=lambda spec: replace(spec, url="https://example.com/new"),
        now=timezone.now(),
    )


@pytest.mark.parametrize("act", [retry, resume, change_url])
def test_a_worker_is_told_of_what_can_be_sent_once_it_is_committed(
    owner: models.Model,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    enqueued: Enqueued,
    act: Callable[[Webhook], None],
) -> None:
    webhook = subscribe(owner, "https://example.com/in")

    with django_capture_on_commit_callbacks() as callbacks:
        act(webhook)
    assert enqueued.actors == []
    for callback in callbacks:
        callback()

    assert "deliver_due" in enqueued.actors


def test_the_sweep_tells_a_worker_of_a_probe(owner: models.Model, enqueued: Enqueued) -> None:
    subscribe(owner, "https://example.com/in")
    actors.sweep()
    assert enqueued.actors == []
    Webhook.objects.update(circuit=Webhook.Circuit.OPEN, probe_at=timezone.now())

    actors.sweep()

    assert enqueued.actors == ["deliver_due"]
