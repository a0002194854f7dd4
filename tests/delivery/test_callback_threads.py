"""Callbacks run on threads of their own, hold up no delivery, and are bounded in number."""

from __future__ import annotations

import threading
from asyncio import CancelledError
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connections, models

from delivery import actors
from delivery.callbacks import DeliveryAttempted, delivery_callback
from delivery.engine import announce
from delivery.engine.announce import AnnouncerPool
from delivery.engine.making import make_engine
from delivery.models import Attempt, Delivery
from delivery.signals import delivery_attempted
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told")]


PING = Ping()


def attempt_told_of(
    owner: models.Model, receiver: Receiver, told: list[DeliveryAttempted], *, ping: Ping = PING
) -> DeliveryAttempted:
    """Return what a callback is told of an attempt that was really made."""
    subscribe(owner, receiver.url("/in"), callback="audit")
    publish(ping, owner=owner)
    deliver()
    [attempted] = told
    return attempted


def send_in_background() -> None:
    """Send what is due as workers do, with callbacks on threads of their own."""
    actors.fan_out()
    engine = make_engine(announcer=AnnouncerPool())
    engine.run_until_idle()
    engine.stop()


@pytest.mark.django_db(transaction=True)
def test_a_callback_finds_what_it_is_told_of_committed_and_may_write(
    owner: models.Model, receiver: Receiver
) -> None:
    User = get_user_model()  # noqa: N806 - a class

    @delivery_callback("ledger")
    def write(attempted: DeliveryAttempted) -> None:
        """Write down who was told."""
        stored = Attempt.objects.get(pk=attempted.attempt.pk)
        status = Delivery.objects.get(pk=stored.delivery_id).status
        User.objects.create_user(f"{status} on {threading.current_thread().name}")

    subscribe(owner, receiver.url("/in"), callback="ledger")
    publish(Ping(), owner=owner)

    send_in_background()

    assert User.objects.filter(username="succeeded on webhook-announcer").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_callback_that_takes_long_holds_up_no_delivery(
    owner: models.Model, receiver: Receiver
) -> None:
    all_arrived = threading.Event()
    waited: list[bool] = []

    @delivery_callback("slow")
    def slow(_: DeliveryAttempted) -> None:
        """Wait until every request has arrived, which it cannot be what they wait for."""
        waited.append(all_arrived.wait(timeout=20))

    for number in range(10):
        subscribe(owner, receiver.url(f"/{number}"), callback="slow", max_in_flight=1)
    for _ in range(3):
        publish(Ping(), owner=owner)
    sending = threading.Thread(target=send_in_background_and_close)
    sending.start()

    receiver.wait_for(30)
    all_arrived.set()
    sending.join()

    assert waited == [True] * 30


def send_in_background_and_close() -> None:
    try:
        send_in_background()
    finally:
        connections.close_all()


def test_what_waits_for_slow_callbacks_is_bounded_and_the_rest_is_skipped(
    owner: models.Model,
    receiver: Receiver,
    told: list[DeliveryAttempted],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempted = attempt_told_of(owner, receiver, told)
    began, may_go_on = threading.Semaphore(0), threading.Event()
    called: list[None] = []

    @delivery_callback("slow")
    def slow(_: DeliveryAttempted) -> None:
        """Wait."""
        began.release()
        may_go_on.wait(timeout=20)
        called.append(None)

    attempted.webhook.callback = "slow"
    monkeypatch.setattr(announce, "MOST_WAITING", 6)
    pool = AnnouncerPool()

    pool.announce([attempted] * 4)
    for _ in range(4):
        began.acquire(timeout=20)
    pool.announce([attempted] * 10)
    pool.announce([attempted])
    may_go_on.set()
    pool.close()

    assert len(called) == 4 + 6
    assert [line for line in caplog.messages if "skipped" in line] == [
        "Callbacks are too slow: some are skipped until the rest are done."
    ]


def test_what_waits_for_slow_callbacks_is_bounded_in_size_as_well(
    owner: models.Model,
    receiver: Receiver,
    told: list[DeliveryAttempted],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempted = attempt_told_of(owner, receiver, told, ping=Ping(message="x" * 500))
    began, may_go_on = threading.Semaphore(0), threading.Event()

    @delivery_callback("slow")
    def slow(_: DeliveryAttempted) -> None:
        """Wait."""
        began.release()
        may_go_on.wait(timeout=20)

    attempted.webhook.callback = "slow"
    monkeypatch.setattr(announce, "MOST_BYTES", 1_500)
    pool = AnnouncerPool()
    for _ in range(4):
        pool.announce([attempted])
        began.acquire(timeout=20)

    # Its payload and its body come to a little more than a thousand bytes.
    pool.announce([attempted] * 3)
    may_go_on.set()
    pool.close()

    assert began.acquire(blocking=False)
    assert began.acquire(blocking=False)
    assert not began.acquire(blocking=False)
    assert "Callbacks are too slow: some are skipped until the rest are done." in caplog.messages


@pytest.mark.parametrize("ending", [SystemExit, CancelledError, ValueError])
def test_a_receiver_that_wants_to_end_its_thread_keeps_nobody_from_being_told(
    owner: models.Model,
    receiver: Receiver,
    told: list[DeliveryAttempted],
    ending: type[BaseException],
) -> None:
    def end(**_: object) -> None:
        raise ending

    for number in range(6):
        subscribe(owner, receiver.url(f"/{number}"), callback="audit")
    publish(Ping(), owner=owner)

    delivery_attempted.connect(end)
    try:
        send_in_background()
    finally:
        delivery_attempted.disconnect(end)

    assert len(told) == 6


def test_who_stops_the_engine_waits_for_callbacks_but_not_for_ever(
    owner: models.Model,
    receiver: Receiver,
    told: list[DeliveryAttempted],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempted = attempt_told_of(owner, receiver, told)
    may_go_on = threading.Event()

    @delivery_callback("hanging")
    def hanging(_: DeliveryAttempted) -> None:
        """Wait."""
        may_go_on.wait(timeout=20)

    attempted.webhook.callback = "hanging"
    monkeypatch.setattr(announce, "_LONGEST_STOP", timedelta(milliseconds=50))
    pool = AnnouncerPool()
    pool.announce([attempted] * 7)

    pool.close()

    assert "Callbacks are too slow to wait for; 3 were skipped." in caplog.messages
    may_go_on.set()
