"""Signals: whoever listens hears how attempts and deliveries ended, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.dispatch import Signal
from django.test.utils import CaptureQueriesContext

from delivery.callbacks import DeliveryAttempted
from delivery.http.outcomes import Accepted, Rejected
from delivery.models import Attempt, Delivery, Webhook
from delivery.retry import FixedRetryPolicy
from delivery.signals import (
    delivery_attempted,
    delivery_failed,
    delivery_succeeded,
    webhook_suspended,
)
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db

TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


@contextmanager
def heard(signal: Signal) -> Iterator[list[dict[str, Any]]]:
    """Return what a signal is sent with."""
    heard: list[dict[str, Any]] = []

    def listen(**sent: Any) -> None:
        heard.append(sent)

    signal.connect(listen)
    try:
        yield heard
    finally:
        signal.disconnect(listen)


def test_r24_a_signal_after_sending_carries_webhook_event_body_and_the_real_outcome(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 204])
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    record = publish(Ping(message="hello"), owner=owner)

    with heard(delivery_attempted) as sent:
        deliver()
        deliver(now=later(minutes=2))

    attempts: list[DeliveryAttempted] = [each["attempted"] for each in sent]
    assert {each["sender"] for each in sent} == {Delivery}
    assert [type(attempted.outcome) for attempted in attempts] == [Rejected, Accepted]
    assert [attempted.status for attempted in attempts] == ["retrying", "succeeded"]
    assert [attempted.attempt.pk for attempted in attempts] == list(
        Attempt.objects.order_by("number").values_list("pk", flat=True)
    )
    for attempted, request in zip(attempts, receiver.requests("/in"), strict=True):
        assert (attempted.webhook, attempted.event) == (webhook, record)
        assert attempted.body == request.body


def test_r24_success_is_told_once_it_is_recorded(owner: models.Model, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    statuses = []

    def look(attempted: DeliveryAttempted, **_: object) -> None:
        statuses.append(Delivery.objects.get(pk=attempted.attempt.delivery_id).status)

    delivery_succeeded.connect(look)
    try:
        with heard(delivery_failed) as failed:
            deliver()
    finally:
        delivery_succeeded.disconnect(look)

    assert statuses == [Delivery.Status.SUCCEEDED]
    assert failed == []


def test_r24_failure_is_told_when_no_attempt_follows(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500)
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    publish(Ping(), owner=owner)

    with heard(delivery_failed) as failed, heard(delivery_succeeded) as succeeded:
        deliver()
        assert failed == []
        deliver(now=later(minutes=2))

    [sent] = failed
    assert sent["attempted"].attempt.number == 2
    assert sent["attempted"].status == Delivery.Status.FAILED
    assert succeeded == []


def test_a_suspension_is_told_with_its_webhook(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(410)
    webhook = subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)

    with heard(webhook_suspended) as suspended:
        deliver()

    [sent] = suspended
    assert (sent["sender"], sent["webhook"]) == (Webhook, webhook)
    assert "410" in sent["webhook"].status_reason


def test_a_receiver_that_raises_is_logged_and_the_others_are_told(
    owner: models.Model, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)

    def break_down(**_: object) -> None:
        raise ZeroDivisionError

    delivery_attempted.connect(break_down)
    try:
        with heard(delivery_attempted) as attempts, heard(delivery_succeeded) as succeeded:
            deliver()
    finally:
        delivery_attempted.disconnect(break_down)

    assert (len(attempts), len(succeeded)) == (1, 1)
    assert "ZeroDivisionError" in caplog.text
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


def test_who_listens_costs_no_statement(owner: models.Model, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"))

    def statements() -> int:
        publish(Ping(), owner=owner)
        with CaptureQueriesContext(connection) as queries:
            deliver()
        return len(queries)

    unheard = statements()
    with heard(delivery_attempted) as attempts:
        assert statements() == unheard
    assert len(attempts) == 1
