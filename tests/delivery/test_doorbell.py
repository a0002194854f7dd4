"""Rings that coalesce, and a broker that is out of reach."""

from __future__ import annotations

from collections.abc import Iterator

import dramatiq
import pytest
import redis
from django.db import models
from dramatiq.brokers.stub import StubBroker

from delivery import receivers
from delivery.doorbell import Doorbell, LocalMarks, Marks, RedisMarks
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
from tests.services.valkey import ValkeyServer

BROKER = StubBroker(middleware=[])


@dramatiq.actor(broker=BROKER, queue_name="doorbell")
def look() -> None:
    """Do nothing: only the messages count here."""


def messages() -> int:
    waiting: int = BROKER.queues["doorbell"].qsize()
    return waiting


@pytest.fixture(autouse=True)
def _no_messages() -> Iterator[None]:
    BROKER.flush_all()
    yield
    BROKER.flush_all()


@pytest.fixture(params=["local", "redis"])
def marks(request: pytest.FixtureRequest) -> Marks:
    if request.param == "local":
        return LocalMarks()
    server: ValkeyServer = request.getfixturevalue("valkey")
    server.flush()
    return RedisMarks(server.url)


def test_many_rings_are_one_message(marks: Marks) -> None:
    doorbell = Doorbell(marks)

    for _ in range(100):
        doorbell.ring(look)

    assert messages() == 1


def test_a_ring_after_the_answer_is_a_new_message(marks: Marks) -> None:
    doorbell = Doorbell(marks)
    doorbell.ring(look)

    doorbell.answered(look)
    doorbell.ring(look)

    assert messages() == 2


def test_where_nobody_answers_few_messages_gather_in_a_day() -> None:
    seconds = iter(range(24 * 60 * 60))
    doorbell = Doorbell(LocalMarks(clock=lambda: float(next(seconds))))

    for _ in range(24 * 60 * 60):
        doorbell.ring(look)

    assert 1 < messages() < 40


def test_a_ring_that_was_answered_is_forgotten_as_soon_as_the_first() -> None:
    now = 0.0
    doorbell = Doorbell(LocalMarks(clock=lambda: now))
    for _ in range(3):
        doorbell.ring(look)
        now += 10
    doorbell.answered(look)
    BROKER.flush_all()

    doorbell.ring(look)
    now += 1.5
    doorbell.ring(look)

    assert messages() == 2


def test_every_process_shares_the_marks_in_redis(valkey: ValkeyServer) -> None:
    valkey.flush()

    Doorbell(RedisMarks(valkey.url)).ring(look)
    Doorbell(RedisMarks(valkey.url)).ring(look)

    assert messages() == 1


def test_a_mark_is_forgotten_by_itself(valkey: ValkeyServer) -> None:
    valkey.flush()

    RedisMarks(valkey.url).put("look")

    with redis.Redis.from_url(valkey.url) as client:
        [key] = client.keys()
        assert 0 < client.pttl(key) <= 1000


@pytest.mark.django_db(transaction=True)
def test_a_broker_out_of_reach_is_logged_and_never_shown_to_the_caller(
    owner: models.Model,
    valkey: ValkeyServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(receivers, "doorbell", Doorbell(RedisMarks(valkey.url)))

    with valkey.outage():
        publish(Ping(), owner=owner)

    assert EventRecord.objects.waiting_for_fan_out().count() == 1
    assert "out of reach" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_is_asked_once_and_not_for_each_event(
    owner: models.Model,
    valkey: ValkeyServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(receivers, "doorbell", Doorbell(RedisMarks(valkey.url)))

    with valkey.frozen():
        for _ in range(20):
            publish(Ping(), owner=owner)

    assert caplog.text.count("out of reach") == 1
    assert EventRecord.objects.count() == 20
