"""What was claimed already when an endpoint asks to slow down is not sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, models

from delivery import actors
from delivery.models import Delivery, Webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.breaking import at_probe, states
from tests.delivery.invariants import broken_rules
from tests.services.messages import Answer
from tests.services.receiver import Receiver
from tests.work import deliver, later, make_engine, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhook(owner: models.Model, receiver: Receiver) -> Webhook:
    """Return a webhook whose endpoint asks to slow down, and for which much is due."""
    receiver.answers(429, headers={"Retry-After": "60"})
    webhook = subscribe(owner, receiver.url("/in"), max_in_flight=50)
    for _ in range(20):
        publish(Ping(), owner=owner)
    actors.fan_out()
    return webhook


def test_what_waits_for_a_thread_is_given_back_with_all_its_attempts(
    webhook: Webhook, receiver: Receiver
) -> None:
    deliver(max_senders=1)

    assert len(receiver.requests("/in")) == 1
    assert broken_rules() == []
    assert states() == (Webhook.Circuit.OPEN, 20, True)
    assert Delivery.objects.filter(attempt_count=0, crashes=0, due_at=None).count() == 19
    receiver.answers(200)
    deliver(now=at_probe(webhook) + timedelta(seconds=1))
    assert not Delivery.objects.filter(attempt_count=0).exists()


@pytest.mark.usefixtures("webhook")
def test_what_goes_elsewhere_is_sent(other_owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(200, path="/well")
    subscribe(other_owner, receiver.url("/well"))
    publish(Ping(), owner=other_owner)

    deliver(max_senders=1)

    assert len(receiver.requests("/well")) == 1


@pytest.mark.usefixtures("webhook")
def test_what_could_not_be_recorded_holds_nothing_for_ever(receiver: Receiver) -> None:
    receiver.answers_in_turn([Answer(status=429), 200])
    Delivery.objects.filter(pk__in=Delivery.objects.values("pk")[2:]).delete()
    engine = make_engine(max_senders=1)

    def refuse(execute: Callable[..., object], sql: str, *call: object) -> object:
        if 'INSERT INTO "webhook_delivery_attempt"' in sql:
            raise IntegrityError
        return execute(sql, *call)

    with connection.execute_wrapper(refuse):
        engine.run_until_idle()
    Delivery.objects.filter(status=Delivery.Status.SENDING).update(due_at=later(hours=1))
    engine.run_until_idle()
    engine.stop()

    assert len(receiver.requests("/in")) == 2
