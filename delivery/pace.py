"""The pace of a webhook: how many requests it is sent in a minute, by all workers together."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from itertools import repeat
from uuid import UUID

import redis

from delivery.models import Webhook
from delivery.reach import Reach, redis_storage

PACE_WINDOW = timedelta(seconds=62)
"""How far is looked back: a minute, and the two seconds within which what was counted is sent."""


class Pace:
    """Counts the requests of webhooks that have a limit, in this process and in Redis if there is.

    Each process keeps the limit by itself, whatever becomes of Redis; all of them together keep it
    as far as Redis remembers. `clock` is that of this process alone.
    """

    def __init__(
        self,
        redis_url: str | None = None,
        *,
        window: timedelta = PACE_WINDOW,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = int(window.total_seconds())
        self._here = _CountedHere(seconds=self._seconds, clock=clock)
        self._shared = redis_storage(redis_url) if redis_url else None
        self._reach = Reach(meanwhile="each process keeps the pace of webhooks by itself")
        self._lock = threading.Lock()

    def take(self, webhook: Webhook, *, wanted: int) -> int:
        """Count so many requests of a webhook, or as many as may be made; return how many."""
        limit = webhook.max_requests_per_minute
        if limit is None:
            return wanted
        # Also while Redis is asked: two threads must not both find the same room here.
        with self._lock:
            count = min(wanted, limit - self._here.count_of(webhook.pk))
            if count <= 0:
                return 0
            count = self._take_of_all(webhook.pk, limit=limit, wanted=count)
            self._here.add(webhook.pk, count)
            return count

    def _take_of_all(self, pk: UUID, *, limit: int, wanted: int) -> int:
        """Count requests in Redis, beside those of other processes, if it is within reach."""
        if self._shared is None or self._reach.is_silent:
            return wanted
        # Without the limit in it, so that a webhook whose limit changes keeps what was counted.
        key = f"pace:{pk.hex}"
        try:
            _, used = self._shared.get_moving_window(key, limit, self._seconds)
            count = min(wanted, limit - used)
            # Another worker may have been quicker; then there is a next time.
            is_taken = count > 0 and self._shared.acquire_entry(key, limit, self._seconds, count)
        except redis.RedisError as error:
            self._reach.lost(error)
            return wanted
        self._reach.found()
        return count if is_taken else 0


class _CountedHere:
    """What this process has counted within the last seconds. Not for several threads at once."""

    def __init__(self, *, seconds: int, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        # When each request was counted, by webhook; the webhook that was counted last is the last.
        self._times: OrderedDict[UUID, deque[float]] = OrderedDict()

    def count_of(self, pk: UUID) -> int:
        """Return how many requests of a webhook were counted."""
        times = self._times.get(pk)
        if times is None:
            return 0
        since = self._clock() - self._seconds
        while times and times[0] < since:
            times.popleft()
        return len(times)

    def add(self, pk: UUID, count: int) -> None:
        """Count requests of a webhook, and forget webhooks whose last ones are long ago."""
        if not count:
            return
        now = self._clock()
        self._times.setdefault(pk, deque()).extend(repeat(now, count))
        self._times.move_to_end(pk)
        while not (first := next(iter(self._times.values()))) or first[-1] < now - self._seconds:
            self._times.popitem(last=False)


@cache
def pace_of_process(redis_url: str | None) -> Pace:
    """Return the pace that all engines of this process keep together."""
    return Pace(redis_url)
