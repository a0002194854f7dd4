"""The doorbell: tells workers to look at the database, once for however many reasons there are."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

import dramatiq
import redis
from dramatiq.errors import BrokerError

from delivery.conf import delivery_settings
from delivery.faults import FaultPoint, pass_by
from delivery.reach import REDIS_TIMEOUT, Reach

# A ring whose message was lost is worth nothing; after this time the next one rings again.
_FORGOTTEN_AFTER = timedelta(seconds=1)
# Where nobody answers, as in a process that only publishes, messages would gather in its memory.
_LONGEST_KEPT = timedelta(hours=1)
_KEY = "hookline:doorbell:{name}"


class Marks(Protocol):
    """Remembers which doorbells have been rung and not been answered yet."""

    def put(self, name: str) -> bool:
        """Set a mark that is forgotten after a while; False if it was set."""

    def take(self, name: str) -> None:
        """Remove a mark."""


class LocalMarks:
    """Marks in this process's memory, for the in-memory broker.

    One that nobody removes is kept for twice as long each time, an hour at most.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: dict[str, _Mark] = {}
        self._lock = threading.Lock()

    def put(self, name: str) -> bool:
        """Set a mark for a second at first; False if it was set."""
        now = self._clock()
        with self._lock:
            known = self._marks.get(name)
            if known and known.until > now:
                return False
            kept = min(known.kept * 2, _LONGEST_KEPT) if known else _FORGOTTEN_AFTER
            self._marks[name] = _Mark(kept, until=now + kept.total_seconds())
            return True

    def take(self, name: str) -> None:
        """Remove a mark."""
        with self._lock:
            self._marks.pop(name, None)


class _Mark(NamedTuple):
    """How long a mark is kept, and until when on the monotonic clock (seconds)."""

    kept: timedelta
    until: float


class RedisMarks:
    """Marks in Redis, shared by all processes."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT.total_seconds(),
            socket_connect_timeout=REDIS_TIMEOUT.total_seconds(),
        )

    def put(self, name: str) -> bool:
        """Set a mark for a second at most; False if it was set."""
        key = _KEY.format(name=name)
        return bool(self._redis.set(key, 1, nx=True, px=_FORGOTTEN_AFTER))

    def take(self, name: str) -> None:
        """Remove a mark."""
        self._redis.delete(_KEY.format(name=name))


class OutOfReach(Exception):  # noqa: N818 - reads as the sentence that it is
    """The broker could not be reached; workers look by themselves meanwhile."""


class Doorbell:
    """Rings for an actor.

    Between a ring and the moment the actor begins to look, further rings are dropped: that one
    look will find what they were for. `answered` must therefore come before the look.
    """

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._reach = Reach(meanwhile="workers look by themselves")

    def ring(self, actor: dramatiq.Actor[[], Any]) -> None:
        """Make a worker run the actor soon.

        Raises `OutOfReach` if the broker is, and at once for a few seconds after: a broker that
        hangs must not hold up everyone who publishes. Losing a ring costs a second, because every
        worker looks for forgotten work by itself.
        """
        if self._reach.is_silent:
            raise OutOfReach
        try:
            if self._marks.put(actor.actor_name):
                pass_by(FaultPoint.MARKED)
                actor.send()
        except (redis.RedisError, BrokerError) as error:
            self._reach.lost(error)
            raise OutOfReach from error
        self._reach.found()

    def answered(self, actor: dramatiq.Actor[[], Any]) -> None:
        """Say that the actor is about to look."""
        if self._reach.is_silent:
            return
        # A mark that stays is forgotten by itself.
        with contextlib.suppress(redis.RedisError):
            self._marks.take(actor.actor_name)


def make_doorbell() -> Doorbell:
    """Return the doorbell for the broker in the settings."""
    url = delivery_settings().redis_url
    return Doorbell(RedisMarks(url) if url else LocalMarks())
