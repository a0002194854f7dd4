"""The doorbell: tells workers to look at the database, once for however many reasons there are."""

from __future__ import annotations

import contextlib
import threading
import time
from datetime import timedelta
from typing import Any, Protocol

import dramatiq
import redis
from dramatiq.errors import BrokerError

from delivery.conf import delivery_settings
from delivery.faults import FaultPoint, pass_by
from delivery.reach import REDIS_TIMEOUT, Reach

# A ring whose message was lost is worth nothing; after this time the next one rings again.
_FORGOTTEN_AFTER = timedelta(seconds=1)
_KEY = "hookline:doorbell:{name}"


class Marks(Protocol):
    """Remembers which doorbells have been rung and not been answered yet."""

    def put(self, name: str) -> bool:
        """Set a mark for a second at most; False if it was set."""

    def take(self, name: str) -> None:
        """Remove a mark."""


class LocalMarks:
    """Marks in this process's memory, for the in-memory broker."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def put(self, name: str) -> bool:
        """Set a mark for a second at most; False if it was set."""
        now = time.monotonic()
        with self._lock:
            if self._until.get(name, now) > now:
                return False
            self._until[name] = now + _FORGOTTEN_AFTER.total_seconds()
            return True

    def take(self, name: str) -> None:
        """Remove a mark."""
        with self._lock:
            self._until.pop(name, None)


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
