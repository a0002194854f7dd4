"""How often an owner may write: mutations are counted, and a request over the rate is refused."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

import redis
from django.conf import settings
from graphql import OperationType
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from strawberry.extensions import SchemaExtension

from api.documents import find_operation
from api.errors import RateLimited
from delivery.conf import delivery_settings
from delivery.reach import Reach, redis_storage

if TYPE_CHECKING:
    from django.db import models

    from api.access import RequestContext

_DEFAULT_RATE = "600/minute"


def write_rate() -> RateLimitItem | None:
    """Return how many mutations an owner may make in which time, as `WEBHOOK_WRITE_RATE` says.

    None where the setting is empty: there is no limit. Raises `ValueError` for what is no rate.
    """
    text: str | None = getattr(settings, "WEBHOOK_WRITE_RATE", _DEFAULT_RATE)
    return _parse_rate(text) if text else None


@lru_cache(maxsize=8)
def _parse_rate(text: str) -> RateLimitItem:
    rates = parse_many(text)
    if len(rates) != 1 or rates[0].amount < 1:
        raise ValueError(f"{text!r} is not one rate that lets something through")
    return rates[0]


class WriteCounter:
    """Counts what owners write, in Redis for all processes together, or in this one alone.

    A time begins with the first write in it, and is over for all of them at once. While Redis is
    out of reach, each process counts by itself, and asks again every few seconds.
    """

    def __init__(self, redis_url: str | None) -> None:
        self._here = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(redis_storage(redis_url)) if redis_url else None
        self._reach = Reach(meanwhile="writes are counted in each process")

    def take(self, count: int, *, owner: models.Model, rate: RateLimitItem) -> timedelta | None:
        """Count as many writes of an owner, or none and return how long to wait.

        More writes than the rate has at all are never counted.
        """
        who = ("writes", str(owner.pk))
        if self._shared is not None and not self._reach.is_silent:
            try:
                wait = _take(self._shared, count, rate=rate, who=who)
            except redis.RedisError as error:
                self._reach.lost(error)
            else:
                self._reach.found()
                return wait
        return _take(self._here, count, rate=rate, who=who)


def _take(
    limiter: FixedWindowRateLimiter, count: int, *, rate: RateLimitItem, who: tuple[str, str]
) -> timedelta | None:
    # Looked at first: a hit is counted even if it is one too many.
    if limiter.test(rate, *who, cost=count) and limiter.hit(rate, *who, cost=count):
        return None
    seconds = limiter.get_window_stats(rate, *who).reset_time - time.time()
    # Redis tells it to the second only, and may be early by as much.
    return timedelta(seconds=min(math.ceil(max(seconds, 0)) + 1, rate.get_expiry()))


@cache
def write_counter(redis_url: str | None) -> WriteCounter:
    """Return what counts in this process, one for all threads."""
    return WriteCounter(redis_url)


class WriteLimit(SchemaExtension):
    """Counts the mutations of a request before the first is carried out, or refuses all of them."""

    def on_execute(self) -> Iterator[None]:
        """Let the operation be carried out; raises the RATE_LIMITED error for too many."""
        caller = cast("RequestContext", self.execution_context.context).caller
        rate = write_rate()
        count = self._count_mutations()
        if caller is not None and rate is not None and count:
            counter = write_counter(delivery_settings().redis_url)
            wait = counter.take(count, owner=caller.owner, rate=rate)
            if wait is not None:
                raise _rate_limited(count, rate=rate, wait=wait)
        yield

    def _count_mutations(self) -> int:
        operation = find_operation(self.execution_context)
        if operation is None or operation.node.operation is not OperationType.MUTATION:
            return 0
        # A field that is written twice is carried out once.
        return len({field.key for field in operation.fields})


def _rate_limited(count: int, *, rate: RateLimitItem, wait: timedelta) -> RateLimited:
    seconds = int(wait.total_seconds())
    if count > rate.amount:
        advice = f"A request with {count} mutations is always too much: send fewer at a time."
    else:
        advice = f"Try again in {seconds} seconds."
    return RateLimited(
        f"An owner may make {rate.amount} mutations in {rate.get_expiry()} seconds, and nothing "
        f"of this request was carried out. {advice}",
        retry_after=seconds,
    )
