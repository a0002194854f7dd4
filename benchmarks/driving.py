"""What a contender does when it is told to, in a process of its own.

Each command is a line of JSON, and so is each answer. This runs in the environments of the peers
too, so it needs nothing of ours.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any, Protocol

_PADDING = "x" * 900


class Driver(Protocol):
    """A contender, by way of its own code."""

    def subscribe(self, urls: list[str]) -> None:
        """Have all events sent to these URLs, and to no others."""

    def publish(self, text: str) -> int:
        """Publish one event; return when it was committed, by `time.monotonic_ns`."""

    def recorded(self) -> int:
        """Return how many deliveries are recorded as done."""


class _Commands:
    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._published = 0

    def subscribe(self, urls: list[str]) -> None:
        self._driver.subscribe(urls)

    def publish(self, count: int, pause: float = 0.0) -> dict[int, int]:
        """Publish events one by one; return when each was committed, by its number."""
        committed = {}
        for _ in range(count):
            time.sleep(pause * random.uniform(0.5, 1.5))
            self._published += 1
            text = f"no.{self._published} {_PADDING}"
            committed[self._published] = self._driver.publish(text)
        return committed

    def recorded(self) -> int:
        return self._driver.recorded()


def drive(driver: Driver) -> None:
    """Do as told until there are no more commands."""
    commands = _Commands(driver)
    for line in sys.stdin:
        name, arguments = json.loads(line)
        answer: Any = getattr(commands, name)(*arguments)
        print(json.dumps(answer), flush=True)
