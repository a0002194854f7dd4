"""The broker on Redis: a worker that waits is called, rather than looks all the time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import dramatiq
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker

from delivery.broker import CallingBroker
from tests.services.valkey import ValkeyServer

QUEUE = "called"


@pytest.fixture
def broker(valkey: ValkeyServer) -> Iterator[RedisBroker]:
    valkey.flush()
    made = CallingBroker(url=valkey.url, middleware=[], namespace="hookline", socket_timeout=5.0)  # type: ignore[no-untyped-call]  # Dramatiq leaves it unannotated.
    made.declare_queue(QUEUE)
    yield made
    made.close()


def message() -> dramatiq.Message[object]:
    return dramatiq.Message(QUEUE, "nobody", (), {}, {})


def test_a_message_is_taken_by_who_waits_for_it(broker: RedisBroker) -> None:
    consumer = broker.consume(QUEUE, prefetch=1)
    taken: list[object] = []

    def take() -> None:
        while not taken:
            if found := next(consumer):
                taken.append(found.message_id)
                consumer.ack(found)

    taking = threading.Thread(target=take)
    taking.start()
    sent = broker.enqueue(message())
    taking.join()

    assert taken == [sent.message_id]


def test_who_waits_asks_redis_hardly_ever(broker: RedisBroker, valkey: ValkeyServer) -> None:
    consumer = broker.consume(QUEUE, prefetch=1)
    with redis.Redis.from_url(valkey.url) as client:
        before = client.info("commandstats")["cmdstat_evalsha"]["calls"] if looked(client) else 0
        for _ in range(3):
            assert next(consumer) is None
        after = client.info("commandstats")["cmdstat_evalsha"]["calls"]

    assert after - before <= 4


def looked(client: redis.Redis) -> bool:
    return "cmdstat_evalsha" in client.info("commandstats")


def test_calls_for_messages_that_nobody_takes_do_not_pile_up(
    broker: RedisBroker, valkey: ValkeyServer
) -> None:
    for _ in range(100):
        broker.enqueue(message())

    with redis.Redis.from_url(valkey.url) as client:
        assert client.llen(f"hookline:bell:{QUEUE}") <= 8
        assert client.pttl(f"hookline:bell:{QUEUE}") > 0
