"""Waiting for what other processes do, of which nothing tells."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta


def eventually(
    ask: Callable[[], object], expected: object, *, within: timedelta = timedelta(seconds=60)
) -> None:
    """Ask again and again until it is answered as expected.

    Raises:
        AssertionError: It was not in time; the message has the last answer.
    """
    until = time.monotonic() + within.total_seconds()
    while (answer := ask()) != expected:
        assert time.monotonic() < until, f"still {answer!r}, not {expected!r}"
        # Nothing tells when another process is done; this only keeps the asking polite.
        time.sleep(0.05)
