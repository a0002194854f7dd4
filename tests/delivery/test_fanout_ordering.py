"""What the fan-out takes along of an order, and what waits in it."""

from __future__ import annotations

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.models import Delivery
from delivery.webhook_states import pause_webhook, resume_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.invariants import broken_rules
from tests.delivery.packages import SHIPPED, shipped
from tests.work import subscribe

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:4/{}"


def test_each_delivery_has_the_key_of_its_event(owner: models.Model) -> None:
    for path in ("here", "there"):
        subscribe(owner, URL.format(path), SHIPPED, "ping")
    records = [publish(each, owner=owner) for each in (shipped(1), shipped(2), shipped(1), Ping())]

    actors.fan_out()

    keys = [record.ordering_key for record in records]
    assert keys[0] == keys[2] != keys[1]
    for record in records:
        found = Delivery.objects.filter(event=record).values_list("ordering_key", flat=True)
        assert list(found) == [record.ordering_key] * 2


def test_deliveries_of_one_key_are_numbered_as_their_events_were_published(
    owner: models.Model,
) -> None:
    subscribe(owner, URL.format("in"), SHIPPED)
    records = [publish(shipped(1, number=number), owner=owner) for number in range(5)]

    actors.fan_out()

    assert [each.event for each in Delivery.objects.order_by("pk")] == records


def test_what_is_behind_another_is_not_parked_and_is_not_made_due_by_a_resume(
    owner: models.Model,
) -> None:
    webhook = subscribe(owner, URL.format("in"), SHIPPED)
    for number in range(2):
        publish(shipped(1, number=number), owner=owner)
    actors.fan_out()
    first, second = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=second.pk).update(is_behind=True, due_at=None)
    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())

    assert list(Delivery.objects.parked()) == [first]
    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())

    assert list(Delivery.objects.filter(due_at__isnull=False)) == [first]
    assert broken_rules() == []
