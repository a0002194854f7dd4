"""How a command that runs for long is told to stop."""

from __future__ import annotations

import os
import select
import signal
from datetime import timedelta
from types import FrameType


class StopSignals:
    """SIGTERM and SIGINT, caught from the moment this is made, in the main thread.

    There is one in a process, and it lasts as long as that does.
    """

    def __init__(self) -> None:
        # Python runs a handler only between two of its instructions: a signal that comes just
        # before the main thread begins to wait would be noticed when it has waited. A pipe that
        # the signal itself writes to ends the wait whenever it comes.
        self._caught, woken = os.pipe()
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave_to_the_pipe)

    def wait(self, *, at_most: timedelta | None = None) -> bool:
        """Wait until one was caught; False if there was none in that time."""
        timeout = at_most.total_seconds() if at_most else None
        # What was written is never read: once told to stop, it is always told.
        readable, _, _ = select.select([self._caught], [], [], timeout)
        return bool(readable)


def _leave_to_the_pipe(_number: int, _frame: FrameType | None) -> None:
    """Do nothing; without a handler, the signal would end the process."""
