"""How a command that runs for long is told to stop."""

from __future__ import annotations

import queue
import signal
from datetime import timedelta
from types import FrameType


class StopSignals:
    """SIGTERM and SIGINT, caught from the moment this is made, in the main thread."""

    def __init__(self) -> None:
        # A signal interrupts any line of Python; of all that can be waited for, only this queue
        # may be filled there without the risk of a deadlock.
        self._caught: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._catch)

    def wait(self, *, at_most: timedelta | None = None) -> bool:
        """Wait until one was caught; False if there was none in that time."""
        try:
            number = self._caught.get(timeout=at_most.total_seconds() if at_most else None)
        except queue.Empty:
            return False
        self._caught.put(number)
        return True

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        self._caught.put(number)
