"""A transport that a project puts in place of ours, by `WEBHOOK_TRANSPORT`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import models
from django.utils import timezone
from pytest_django import Settings

from delivery import actors
from delivery.engine.announce import DirectAnnouncer
from delivery.engine.making import make_engine, make_transport
from delivery.http.outcomes import Accepted, HttpAnswer, Outcome, Unreachable
from delivery.http.request import OutgoingRequest
from delivery.http.transport import Transport
from delivery.models import Attempt, Delivery
from delivery.retry import FixedRetryPolicy
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import LEASE, deliver, later, subscribe

pytestmark = pytest.mark.django_db


class Notebook:
    """A transport that writes down what it is to send."""

    sent: ClassVar[list[OutgoingRequest]] = []
    closed: ClassVar[list[None]] = []

    def send(self, request: OutgoingRequest) -> Outcome:
        self.sent.append(request)
        answer = HttpAnswer(status_code=202, headers=(), body="noted", is_truncated=False)
        return Accepted(answer=answer)

    def close(self) -> None:
        self.closed.append(None)


class Unmoved(Notebook):
    """A transport that nothing can be sent by."""

    def send(self, request: OutgoingRequest) -> Outcome:
        self.sent.append(request)
        return Unreachable(reason="Nobody is there.")


class Silent(Notebook):
    """A transport with a mistake in it: it does not say how sending ended."""

    def send(self, request: OutgoingRequest) -> Any:
        return None


@pytest.fixture(autouse=True)
def _blank_notebook() -> None:
    Notebook.sent.clear()
    Notebook.closed.clear()


def deliver_as_set() -> None:
    """Send what is due as the settings say."""
    actors.fan_out()
    engine = make_engine(announcer=DirectAnnouncer())
    engine.run_until_idle()
    engine.stop()


def test_r18_a_transport_of_the_projects_own_gets_target_payload_and_ids(
    owner: models.Model, settings: Settings
) -> None:
    settings.WEBHOOK_TRANSPORT = f"{__name__}.Notebook"
    webhook = subscribe(owner, "https://example.com/in")
    record = publish(Ping(message="hello"), owner=owner)

    deliver_as_set()

    [request] = Notebook.sent
    delivery = Delivery.objects.get()
    assert request.url == "https://example.com/in"
    assert b'"data":{"message":"hello"}' in request.body
    assert dict(request.headers)["webhook-id"] == delivery.public_id
    assert (request.webhook_id, request.event_id, request.delivery_id) == (
        webhook.public_id,
        record.public_id,
        delivery.public_id,
    )
    assert delivery.status == Delivery.Status.SUCCEEDED
    assert (Attempt.objects.get().status_code, Attempt.objects.get().response_body) == (
        202,
        "noted",
    )
    assert Notebook.closed == [None]


def test_r18_what_crosses_the_queue_is_neither_an_event_nor_an_id(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)

    for actor in (actors.fan_out, actors.deliver_due):
        message = actor.message()
        assert (message.args, message.kwargs) == ((), {})


def test_w30_a_request_may_take_ten_seconds_unless_its_webhook_says_otherwise(
    owner: models.Model, settings: Settings
) -> None:
    settings.WEBHOOK_TRANSPORT = f"{__name__}.Notebook"
    subscribe(owner, "https://example.com/default")
    subscribe(owner, "https://example.com/five", timeout=timedelta(seconds=5))
    publish(Ping(), owner=owner)

    deliver_as_set()

    assert {request.url.rpartition("/")[2]: request.timeout for request in Notebook.sent} == {
        "default": timedelta(seconds=10),
        "five": timedelta(seconds=5),
    }


@pytest.mark.parametrize("retries", [0, 3])
def test_d21_timeout_and_retries_are_honoured_and_failures_reach_nobody_who_publishes(
    owner: models.Model, settings: Settings, retries: int
) -> None:
    settings.WEBHOOK_TRANSPORT = f"{__name__}.Unmoved"
    policy = FixedRetryPolicy(max_attempts=1 + retries, delay=timedelta(seconds=1))
    subscribe(owner, "https://example.com/in", timeout=timedelta(seconds=4), retry_policy=policy)
    publish(Ping(), owner=owner)

    for _ in range(2 + retries):
        Delivery.objects.filter(status=Delivery.Status.RETRYING).update(due_at=timezone.now())
        deliver_as_set()

    assert [request.timeout for request in Notebook.sent] == [timedelta(seconds=4)] * (1 + retries)
    assert Delivery.objects.get().status == Delivery.Status.FAILED


def test_a_transport_that_gives_no_outcome_costs_no_delivery(
    owner: models.Model,
    receiver: Receiver,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.WEBHOOK_TRANSPORT = f"{__name__}.Silent"
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)

    deliver_as_set()

    assert "The transport returned None, which is no Outcome." in caplog.text
    assert Delivery.objects.get().status == Delivery.Status.SENDING
    deliver(now=later(seconds=LEASE.total_seconds() + 1))
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


def test_ours_is_used_when_none_is_named() -> None:
    made = make_transport()

    assert isinstance(made, Transport)
    made.close()
