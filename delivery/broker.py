"""Dramatiq's broker: in memory by default, Redis or Valkey where `REDIS_URL` names one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import redis
from dramatiq import Broker, Message, MessageProxy
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import ConnectionClosed

from delivery.conf import delivery_settings

QUEUE = "webhooks"

_REDIS_TIMEOUT_SECONDS = 5.0
_BELL = "hookline:bell:{queue}"
# A worker that waits looks again after this time, should a call have been lost.
_LONGEST_WAIT_SECONDS = 1
_BELL_LASTS = timedelta(minutes=1)
_MOST_CALLS = 8
_SHORTEST_SLEEP_MILLISECONDS = 1


def make_broker() -> Broker:
    """Return the broker that the settings name, without middleware.

    Dramatiq's usual middleware retries, delays and times messages; ours carry no work, only "look
    now", and the sweep repeats what is lost.
    """
    url = delivery_settings().redis_url
    if url is None:
        return StubBroker(middleware=[])
    return CallingBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves it unannotated.
        url=url,
        middleware=[],
        namespace="hookline",
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
    )


class CallingBroker(RedisBroker):
    """Calls a worker for each message, which then need not look all the time whether there is one.

    Dramatiq's consumers sleep between looks: a lone event waits for the next, and the looks take
    part of a core from a worker that has nothing to do.
    """

    @property
    def consumer_class(self) -> type[_RedisConsumer]:
        """What takes messages for a worker."""
        return _CalledConsumer

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Send a message, and call a worker that waits for one."""
        sent: Message[Any] = super().enqueue(message, delay=delay)
        bell = _BELL.format(queue=message.queue_name)
        with self.client.pipeline(transaction=False) as calls:
            calls.lpush(bell, 1)
            calls.ltrim(bell, 0, _MOST_CALLS - 1)
            calls.pexpire(bell, _BELL_LASTS)
            calls.execute()
        return sent


class _CalledConsumer(_RedisConsumer):
    """Waits for a call where Dramatiq's consumer would sleep."""

    def __init__(self, broker: RedisBroker, queue_name: str, prefetch: int, timeout: int) -> None:
        super().__init__(broker, queue_name, prefetch, _SHORTEST_SLEEP_MILLISECONDS)  # type: ignore[no-untyped-call]  # Dramatiq leaves it unannotated.
        self._bell = _BELL.format(queue=queue_name)

    def __next__(self) -> MessageProxy | None:
        message: MessageProxy | None = super().__next__()  # type: ignore[no-untyped-call]  # As above.
        # With messages at work, more may wait that are fetched when these are done.
        if message is None and not self.outstanding_message_count:
            try:
                self.broker.client.blpop(self._bell, timeout=_LONGEST_WAIT_SECONDS)
            except redis.RedisError as error:
                raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]  # As above.
        return message
