"""The breaker of a webhook: when requests to it are held back, and when one finds out more.

Decided in plain code; `delivery.health` and `delivery.parking` write it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from delivery.models import Webhook

OPENS_AFTER = 10
"""How many failures in a row open the circuit: as many as may be under way at once by default."""

FIRST_PAUSE = timedelta(seconds=30)
"""How long nothing is sent at first; twice as long after each probe that fails."""

LONGEST_PAUSE = timedelta(minutes=15)
"""How long nothing is sent at most, unless the endpoint asks for more itself."""

# 2 to this power times the first pause is beyond the longest.
_MOST_DOUBLINGS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Breaker:
    """How the breaker of a webhook stands; without arguments, in calm.

    `probe_at` is when the next probe is due if the circuit is open. If it is half open, it is when
    another one is made should the present one have come to nothing, or None if nothing is parked.
    """

    circuit: Webhook.Circuit = Webhook.Circuit.CLOSED
    consecutive_failures: int = 0
    failed_probes: int = 0
    probe_at: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Whether requests are let through."""
        return self.circuit == Webhook.Circuit.CLOSED


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How a request ended, as far as it concerns the breaker.

    `is_first` says that it was a delivery's first, `is_probe` that it was claimed while the circuit
    was half open. `wait` is what the endpoint asked for by `Retry-After`.
    """

    is_accepted: bool
    is_first: bool
    is_probe: bool
    is_slow_down: bool = False
    wait: timedelta = timedelta()


def breaker_after(breaker: Breaker, results: Sequence[Result], *, now: datetime) -> Breaker:
    """Return how a breaker stands after some requests, which ended at about the same time.

    Failures of first attempts count, and of probes: a delivery that is tried again and again is
    counted once, so that its retry policy alone sets its pace. An answer that asks to slow down
    opens the circuit at once. While it is open, what was sent before says nothing of whether the
    endpoint is well again; only a probe does.
    """
    is_any_accepted = any(result.is_accepted for result in results)
    counted = sum(result.is_first or result.is_probe for result in results)
    failures = 0 if is_any_accepted else breaker.consecutive_failures + counted
    heard = replace(breaker, consecutive_failures=failures)
    match breaker.circuit:
        case Webhook.Circuit.CLOSED:
            return _after_requests(heard, results, now=now)
        case Webhook.Circuit.HALF_OPEN:
            return _after_probe(heard, results, now=now)
        case _:
            return _after_stragglers(heard, results, now=now)


def in_flight_cap(*, circuit: str, max_in_flight: int) -> int:
    """Return how many requests a webhook may have under way: a probe is alone."""
    return 1 if circuit == Webhook.Circuit.HALF_OPEN else max_in_flight


def _after_requests(breaker: Breaker, results: Sequence[Result], *, now: datetime) -> Breaker:
    slowed = [result for result in results if result.is_slow_down]
    if asked := _longest(slowed):
        return replace(breaker, circuit=Webhook.Circuit.OPEN, failed_probes=0, probe_at=now + asked)
    if slowed or breaker.consecutive_failures >= OPENS_AFTER:
        return _opened(breaker, results, failed_probes=0, now=now)
    return breaker


def _after_probe(breaker: Breaker, results: Sequence[Result], *, now: datetime) -> Breaker:
    probes = [result for result in results if result.is_probe]
    if any(result.is_accepted for result in probes):
        return Breaker()
    if probes:
        return _opened(breaker, results, failed_probes=breaker.failed_probes + 1, now=now)
    if any(result.is_slow_down for result in results):
        return _opened(breaker, results, failed_probes=breaker.failed_probes, now=now)
    return breaker


def _after_stragglers(breaker: Breaker, results: Sequence[Result], *, now: datetime) -> Breaker:
    asked = now + _longest([result for result in results if result.is_slow_down])
    return replace(breaker, probe_at=max(breaker.probe_at or now, asked))


def _opened(
    breaker: Breaker, results: Sequence[Result], *, failed_probes: int, now: datetime
) -> Breaker:
    pause = min(FIRST_PAUSE * 2 ** min(failed_probes, _MOST_DOUBLINGS), LONGEST_PAUSE)
    return replace(
        breaker,
        circuit=Webhook.Circuit.OPEN,
        failed_probes=failed_probes,
        probe_at=now + max(pause, _longest(results)),
    )


def _longest(results: Sequence[Result]) -> timedelta:
    return max((result.wait for result in results), default=timedelta())
