"""Workers are told at once of what people want sent."""

from __future__ import annotations

from typing import Any

import dramatiq
import pytest
from django.db import models
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from delivery import actors
from delivery.deliveries import retry_delivery
from delivery.models import Delivery
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


def test_a_worker_is_told_of_a_retry_once_it_is_committed(
    owner: models.Model,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    delivery = make_delivery(webhook, status=Delivery.Status.FAILED)
    # Whatever was rung for before is over.
    actors.doorbell.answered(actors.deliver_due)
    enqueued = Enqueued()
    actors.broker.add_middleware(enqueued)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            retry_delivery(owner=owner, delivery_id=delivery.pk, now=timezone.now())
            assert enqueued.actors == []
        assert enqueued.actors == ["deliver_due"]
    finally:
        actors.broker.middleware.remove(enqueued)
        actors.broker.flush_all()
