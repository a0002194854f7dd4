"""The order of a key when several are at work, or others are to go on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, models, transaction

from delivery import actors
from delivery.engine.engine import Engine
from delivery.models import Delivery
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.packages import SHIPPED, SLOWLY, arrived, publish_some, shipped
from tests.services.receiver import Receiver
from tests.work import deliver, make_engine, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start() -> Iterator[Callable[[], Engine]]:
    """Return a function that starts an engine in a thread, which is waited for at the end."""
    started: list[tuple[Engine, threading.Thread]] = []

    def start() -> Engine:
        engine = make_engine()

        def run() -> None:
            try:
                engine.run_until_idle()
            finally:
                connection.close()

        started.append((engine, threading.Thread(target=run)))
        started[-1][1].start()
        return engine

    yield start
    for engine, thread in started:
        thread.join()
        engine.stop()


def test_deliveries_of_several_keys_go_side_by_side(
    owner: models.Model, receiver: Receiver, start: Callable[[], Engine]
) -> None:
    receiver.hangs()
    subscribe(owner, receiver.url("/in"), SHIPPED)
    for package in (1, 2, 3):
        publish_some(owner, 0, package=package)
    actors.fan_out()

    start()

    receiver.wait_for(3)
    receiver.release()


def test_while_a_request_is_under_way_other_keys_and_other_webhooks_go_on(
    owner: models.Model, receiver: Receiver, start: Callable[[], Engine]
) -> None:
    slow = subscribe(owner, receiver.url("/in"), SHIPPED, "ping")
    subscribe(owner, receiver.url("/other"), SHIPPED, "ping")
    receiver.hangs(path="/in")
    publish_some(owner, 0)
    actors.fan_out()
    engine = start()
    receiver.wait_for(1, path="/in")

    receiver.answers(200, path="/in")
    next_one = publish(shipped(1, number=1), owner=owner)
    publish_some(owner, 0, package=2)
    publish(Ping(), owner=owner)
    actors.fan_out()
    engine.run_until_idle()  # Returns at once: the other thread has the turn, and looks again.
    receiver.wait_for(3, path="/in")
    receiver.wait_for(4, path="/other")
    waiting = Delivery.objects.get(event=next_one, webhook=slow).status
    receiver.release(path="/in")
    receiver.wait_for(4, path="/in")

    assert waiting == Delivery.Status.PENDING
    assert arrived(receiver) == arrived(receiver, path="/other") == [0, 1]


def test_several_engines_together_keep_the_order(
    owner: models.Model, receiver: Receiver, start: Callable[[], Engine]
) -> None:
    receiver.answers_in_turn([SLOWLY])
    subscribe(owner, receiver.url("/in"), SHIPPED)
    publish_some(owner, *range(10))
    actors.fan_out()

    for _ in range(3):
        start()

    receiver.wait_for(10)
    assert arrived(receiver) == list(range(10))
    assert receiver.in_flight_peak("/in") == 1


@contextmanager
def fanned_out_elsewhere(record: EventRecord) -> Iterator[None]:
    """Have another worker take its time over the fan-out of an event."""
    is_locked, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                EventRecord.objects.select_for_update().get(pk=record.pk)
                is_locked.set()
                may_end.wait()
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert is_locked.wait(timeout=20)
        yield
    finally:
        may_end.set()
        thread.join()


@pytest.mark.skipif(
    not connection.features.has_select_for_update_skip_locked,
    reason="Nobody passes over what another has locked.",
)
def test_what_is_fanned_out_first_does_not_overtake_what_was_published_before(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"), SHIPPED)
    first = publish(shipped(1, number=0), owner=owner)
    publish_some(owner, 1)
    publish_some(owner, 0, package=2)

    with fanned_out_elsewhere(first):
        deliver()
        meanwhile = arrived(receiver)
    deliver()

    assert meanwhile == []
    assert arrived(receiver) == [0, 1]
    assert arrived(receiver, 2) == [0]
