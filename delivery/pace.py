"""The pace of a webhook: how many requests it is sent in a minute, by all workers together."""

from __future__ import annotations

from datetime import timedelta

import redis
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from delivery.models import Webhook
from delivery.reach import Reach, redis_storage

# A request is made up to two seconds after it was counted, or given back: so much more than a
# minute is looked at that no minute has too many.
_WINDOW = timedelta(seconds=62)


class Pace:
    """Counts the requests of webhooks that have a limit, in Redis or in this process alone.

    While Redis is out of reach, each process keeps the limit by itself.
    """

    def __init__(self, redis_url: str | None = None, *, window: timedelta = _WINDOW) -> None:
        self._window = window
        self._here = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(redis_storage(redis_url)) if redis_url else None
        self._reach = Reach(meanwhile="each worker keeps the pace of webhooks by itself")

    def take(self, webhook: Webhook, *, wanted: int) -> int:
        """Count so many requests of a webhook, or as many as may be made; return how many."""
        if webhook.max_requests_per_minute is None:
            return wanted
        rate = RateLimitItemPerSecond(
            webhook.max_requests_per_minute, int(self._window.total_seconds())
        )
        if self._shared is not None and not self._reach.is_silent:
            try:
                taken = _take(self._shared, rate, webhook, wanted=wanted)
            except redis.RedisError as error:
                self._reach.lost(error)
            else:
                self._reach.found()
                return taken
        return _take(self._here, rate, webhook, wanted=wanted)


def _take(
    limiter: MovingWindowRateLimiter, rate: RateLimitItem, webhook: Webhook, *, wanted: int
) -> int:
    who = ("pace", webhook.pk.hex)
    count = min(wanted, limiter.get_window_stats(rate, *who).remaining)
    # Another worker may have been quicker; then there is a next time.
    return count if count > 0 and limiter.hit(rate, *who, cost=count) else 0
