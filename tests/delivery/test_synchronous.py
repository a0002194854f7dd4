"""Delivering in the calling process, for tests and scripts that want to see the result."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, models, transaction
from pytest_django import Settings

from delivery import actors
from delivery.callbacks import DeliveryAttempted, delivery_callback
from delivery.models import Delivery
from delivery.retry import FixedRetryPolicy
from delivery.synchronous import deliver_now
from delivery.webhook_states import pause_webhook
from events.models import EventRecord
from events.publishing import publish, publish_many
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import LONG_AGO, deliver, subscribe

pytestmark = pytest.mark.django_db

TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


def test_w28_d3_publishing_sends_nothing_by_itself_and_deliver_now_sends_before_it_returns(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))

    record = publish(Ping(message="hello"), owner=owner)
    assert not receiver.requests()
    [delivery] = deliver_now(record)

    [request] = receiver.requests("/in")
    assert request.json()["data"] == {"message": "hello"}
    assert request.headers["webhook-id"] == delivery.public_id
    assert delivery.status == Delivery.Status.SUCCEEDED
    assert delivery.attempt_count == 1


def test_several_events_go_to_all_of_their_webhooks(
    owner: models.Model, receiver: Receiver
) -> None:
    for path in ("/a", "/b"):
        subscribe(owner, receiver.url(path))
    records = publish_many([Ping(message=str(number)) for number in range(3)], owner=owner)

    deliveries = deliver_now(records)

    assert len(deliveries) == 6
    assert {delivery.status for delivery in deliveries} == {Delivery.Status.SUCCEEDED}
    assert sorted(request.json()["data"]["message"] for request in receiver.requests("/a")) == [
        "0",
        "1",
        "2",
    ]


def test_an_event_that_nobody_wants_has_no_deliveries(owner: models.Model) -> None:
    assert deliver_now(publish(Ping(), owner=owner)) == []
    assert deliver_now([]) == []


def test_one_attempt_is_made_and_what_failed_waits_for_its_retry(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500)
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)

    [delivery] = deliver_now(publish(Ping(), owner=owner))

    assert delivery.status == Delivery.Status.RETRYING
    assert delivery.attempts.get().status_code == 500
    assert len(receiver.requests("/in")) == 1


def test_what_else_is_due_is_left_to_the_workers(owner: models.Model, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(message="fanned out"), owner=owner)
    actors.fan_out()
    publish(Ping(message="not fanned out"), owner=owner)

    deliver_now(publish(Ping(message="this one"), owner=owner))

    [request] = receiver.requests("/in")
    assert request.json()["data"]["message"] == "this one"
    assert EventRecord.objects.waiting_for_fan_out().count() == 1


def test_callbacks_have_been_called_when_it_returns(
    owner: models.Model, receiver: Receiver, told: list[DeliveryAttempted]
) -> None:
    subscribe(owner, receiver.url("/in"), callback="audit")

    deliver_now(publish(Ping(), owner=owner))

    assert [attempted.status for attempted in told] == [Delivery.Status.SUCCEEDED]


def test_events_that_were_delivered_already_are_not_sent_again(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))
    record = publish(Ping(), owner=owner)
    deliver()

    [delivery] = deliver_now(record)

    assert delivery.status == Delivery.Status.SUCCEEDED
    assert len(receiver.requests("/in")) == 1


def test_within_a_transaction_it_is_refused_and_nothing_is_sent(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))

    with transaction.atomic(), pytest.raises(RuntimeError, match="after the commit"):
        deliver_now(publish(Ping(), owner=owner))

    assert not receiver.requests()


def test_what_cannot_be_sent_is_named_when_the_time_is_over(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    record = publish(Ping(), owner=owner)
    actors.fan_out()
    pause_webhook(owner=owner, webhook_id=webhook.pk, now=LONG_AGO)

    with pytest.raises(TimeoutError) as error:
        deliver_now(record, timeout=timedelta(milliseconds=50))

    delivery = Delivery.objects.get()
    assert f"{delivery.public_id} (pending) to {webhook.public_id} (paused)" in str(error.value)


def test_events_that_are_not_fanned_out_are_named_when_the_time_is_over(
    owner: models.Model, receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOK_FINDER = "tests.delivery.test_synchronous.find_nothing"
    subscribe(owner, receiver.url("/in"))
    records = publish_many([Ping() for _ in range(6)], owner=owner)

    with pytest.raises(TimeoutError, match="have not been made") as error:
        deliver_now(records, timeout=timedelta(milliseconds=50))

    named = ", ".join(record.public_id for record in records[:5])
    assert str(error.value).endswith(f"{named} and more.")


def find_nothing(webhooks: object, event: EventRecord) -> object:
    """Fail, as a webhook finder with a mistake in it."""
    raise ZeroDivisionError(webhooks, event)


def test_requests_under_way_are_let_end_when_the_time_is_over(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(200, delay=timedelta(milliseconds=1500))
    subscribe(owner, receiver.url("/in"), max_in_flight=1)
    records = publish_many([Ping(), Ping(), Ping()], owner=owner)

    with pytest.raises(TimeoutError, match="no attempt has been made"):
        deliver_now(records, timeout=timedelta(seconds=1))

    assert Delivery.objects.filter(status=Delivery.Status.SUCCEEDED).count() == 1
    assert Delivery.objects.filter(status=Delivery.Status.SENDING).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_a_worker_took_is_waited_for(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.hangs()
    subscribe(owner, receiver.url("/in"))
    record = publish(Ping(), owner=owner)
    worker = threading.Thread(target=deliver_and_close)
    worker.start()
    receiver.wait_for(1)
    threading.Timer(0.1, receiver.release).start()

    [delivery] = deliver_now(record)

    worker.join()
    assert delivery.status == Delivery.Status.SUCCEEDED
    assert len(receiver.requests("/in")) == 1


def deliver_and_close() -> None:
    try:
        deliver()
    finally:
        connection.close()


def test_callbacks_that_take_longer_than_leases_make_nothing_be_sent_twice(
    owner: models.Model, receiver: Receiver, told: list[DeliveryAttempted]
) -> None:
    @delivery_callback("slow")
    def outlast(attempted: DeliveryAttempted) -> None:
        """Take so long that whatever is under way is given up for dead."""
        Delivery.objects.filter(status=Delivery.Status.SENDING).update(due_at=LONG_AGO)
        told.append(attempted)

    subscribe(owner, receiver.url("/in"), callback="slow", max_in_flight=100)
    records = publish_many([Ping()] * 150, owner=owner)

    deliver_now(records)

    assert len(receiver.requests("/in")) == len(told) == 150
