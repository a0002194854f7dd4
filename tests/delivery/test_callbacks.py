"""Callbacks: functions of the project's own that are told of each attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models

from delivery import actors
from delivery.callbacks import DeliveryAttempted, delivery_callback, delivery_callbacks
from delivery.engine.steps import MOST_CRASHES
from delivery.errors import ErrorCode, Refused
from delivery.http.outcomes import Accepted, Interrupted, Rejected
from delivery.models import Attempt, Delivery
from delivery.retry import FixedRetryPolicy
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told")]

TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


def test_w26_a_callback_is_called_once_after_each_attempt_with_answer_event_and_body(
    owner: models.Model, receiver: Receiver, told: list[DeliveryAttempted]
) -> None:
    receiver.answers_in_turn([503, 200])
    webhook = subscribe(owner, receiver.url("/in"), callback="audit", retry_policy=TWICE)
    record = publish(Ping(message="hello"), owner=owner)

    deliver()
    deliver(now=later(minutes=2))

    delivery = Delivery.objects.get()
    assert [attempted.attempt for attempted in told] == list(delivery.attempts.order_by("number"))
    assert [attempted.status for attempted in told] == ["retrying", "succeeded"]
    answers = [attempted.outcome.answer for attempted in told]
    assert [answer.status_code for answer in answers if answer] == [503, 200]
    for attempted, request in zip(told, receiver.requests("/in"), strict=True):
        assert attempted.body == request.body
        assert attempted.delivery_id == request.headers["webhook-id"] == delivery.public_id
        assert (attempted.event, attempted.webhook) == (record, webhook)
        assert attempted.event.event_type == "ping"


def test_a_webhook_without_a_callback_has_none_called(
    owner: models.Model, receiver: Receiver, told: list[DeliveryAttempted]
) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)

    deliver()

    assert told == []


def test_w27_a_callback_that_raises_loses_no_record_and_causes_no_second_request(
    owner: models.Model, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    @delivery_callback("broken")
    def broken(attempted: DeliveryAttempted) -> None:
        """Has a mistake in it."""
        raise ZeroDivisionError(attempted.delivery_id)

    subscribe(owner, receiver.url("/in"), callback="broken")
    publish(Ping(), owner=owner)

    deliver()
    deliver(now=later(days=7))

    assert len(receiver.requests("/in")) == 1
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED
    assert Attempt.objects.get().status_code == 200
    assert "ZeroDivisionError" in caplog.text
    assert "'broken'" in caplog.text


def nothing(attempted: DeliveryAttempted) -> None:
    """Do nothing."""


def test_w27_a_callback_that_is_gone_is_told_in_the_log_and_costs_nothing_else(
    owner: models.Model, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    with delivery_callbacks.scratch():
        delivery_callback("gone")(nothing)
        webhook = subscribe(owner, receiver.url("/in"), callback="gone")
    publish(Ping(), owner=owner)

    deliver()

    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED
    [line] = [line for line in caplog.messages if "'gone'" in line]
    assert webhook.public_id in line
    assert "not registered" in line


@pytest.mark.parametrize("name", ["audits", "os.system", "x" * 101])
def test_w27_only_what_the_project_registered_can_be_chosen(owner: models.Model, name: str) -> None:
    with pytest.raises(Refused) as refused:
        subscribe(owner, "https://example.com/in", callback=name)

    [mistake] = refused.value.mistakes
    assert (mistake.code, mistake.path) == (ErrorCode.INVALID, ("callback",))


def test_the_attempt_that_stands_for_a_delivery_that_breaks_its_worker_is_told_as_well(
    owner: models.Model, receiver: Receiver, told: list[DeliveryAttempted]
) -> None:
    subscribe(owner, receiver.url("/in"), callback="audit")
    publish(Ping(), owner=owner)
    actors.fan_out()
    Delivery.objects.update(crashes=MOST_CRASHES)

    deliver()

    [attempted] = told
    assert attempted.attempt.outcome == Attempt.Outcome.INTERRUPTED
    assert (attempted.outcome, attempted.body) == (Interrupted(times=MOST_CRASHES), b"")
    assert attempted.status == Delivery.Status.FAILED


def test_a_callback_that_ends_its_thread_ends_no_other(
    owner: models.Model, receiver: Receiver, told: list[DeliveryAttempted]
) -> None:
    @delivery_callback("leaving")
    def leaving(_: DeliveryAttempted) -> None:
        """Leave."""
        raise SystemExit

    subscribe(owner, receiver.url("/in"), callback="leaving")
    subscribe(owner, receiver.url("/other"), callback="audit")
    publish(Ping(), owner=owner)

    deliver()

    assert len(told) == 1


def test_outcomes_tell_what_came_back(
    owner: models.Model, receiver: Receiver, told: list[DeliveryAttempted]
) -> None:
    receiver.answers_in_turn([400, 200])
    subscribe(owner, receiver.url("/in"), callback="audit", retry_policy=TWICE)
    publish(Ping(), owner=owner)

    deliver()
    deliver(now=later(minutes=2))

    assert [type(attempted.outcome) for attempted in told] == [Rejected, Accepted]
