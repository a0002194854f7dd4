"""Redis out of reach: noticed once, and not asked again by everybody who would wait for it."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import redis
from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

REDIS_TIMEOUT = timedelta(seconds=1)
"""How long Redis may take to answer, or to be connected to."""

_SILENCE = timedelta(seconds=5)


class Reach:
    """Knows whether Redis can be asked now; after a failure nobody asks for a few seconds.

    `meanwhile` says in the log what is done without it, once for an outage.
    """

    def __init__(self, *, meanwhile: str) -> None:
        self._meanwhile = meanwhile
        self._silent_until = 0.0
        self._is_lost = False

    @property
    def is_silent(self) -> bool:
        """Whether Redis is not to be asked, since it did not answer a moment ago."""
        return time.monotonic() < self._silent_until

    def lost(self, error: Exception) -> None:
        """Note that Redis did not answer."""
        self._silent_until = time.monotonic() + _SILENCE.total_seconds()
        if not self._is_lost:
            logger.warning("Redis is out of reach; %s: %s", self._meanwhile, error)
        self._is_lost = True

    def found(self) -> None:
        """Note that Redis has answered."""
        self._is_lost = False


def redis_storage(redis_url: str) -> RedisStorage:
    """Return where limits are counted for all processes."""
    seconds = REDIS_TIMEOUT.total_seconds()
    pool = redis.ConnectionPool.from_url(
        redis_url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), retries=0),
    )
    return RedisStorage(redis_url, connection_pool=pool, key_prefix="hookline")
