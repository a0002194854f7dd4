"""Fault points: the moments between two steps, at which tests end a process to see what is lost.

Nothing that ships watches them, and no setting and no variable of the environment makes anything
watch: that takes code that calls `watch`, which stands in the tests.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

_watchers: list[Callable[[FaultPoint], None]] = []


class FaultPoint(enum.Enum):
    """A moment at which a process may die, named after what it did last."""

    MARKED = "a doorbell is marked as rung, its message not sent"
    FAN_OUT_WOKEN = "the message for the fan-out is taken, nothing looked at"
    DELIVERIES_MADE = "deliveries are made, the event not moved on"
    EVENT_MOVED_ON = "deliveries are made and the event moved on, not committed"
    FANNED_OUT = "a step of the fan-out is committed, the engine not woken"
    ENGINE_WOKEN = "the message for the engine is taken, nothing looked at"
    CLAIMED = "deliveries are claimed, not committed"
    LOADED = "claimed deliveries are loaded, the claim not committed"
    CLAIM_COMMITTED = "a claim is committed, nothing sent"
    SENT = "a request is answered, not recorded"
    ATTEMPTS_WRITTEN = "attempts are written, their deliveries not changed"
    RECORDED = "results are written, not committed"
    RECORD_COMMITTED = "results are committed, nobody told"
    PARKED = "what may not be sent now is parked, not committed"
    LET_OUT = "probes are let out, not committed"
    SENT_ON = "what was parked is due again, not committed"


def pass_by(point: FaultPoint) -> None:
    """Say that this process is at a point; nobody listens but tests."""
    for watcher in _watchers:
        watcher(point)


def watch(watcher: Callable[[FaultPoint], None]) -> None:
    """Have a function called at every point, by the thread that passes it; for tests."""
    _watchers.append(watcher)
