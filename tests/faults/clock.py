"""The wall clock that processes share, and that a test can move."""

from __future__ import annotations

import mmap
import struct
from datetime import timedelta
from pathlib import Path

CLOCK_VARIABLE = "HOOKLINE_TEST_CLOCK"

_SECONDS = struct.Struct("d")


class Clock:
    """How far the clock of some processes is from the true time, in a file that all of them see."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(_SECONDS.pack(0.0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), _SECONDS.size)
        self.env = {CLOCK_VARIABLE: str(file)}

    @property
    def offset(self) -> float:
        """How many seconds it is fast."""
        [seconds] = _SECONDS.unpack(self._shared)
        return float(seconds)

    def jump(self, by: timedelta) -> None:
        """Move it for every process that keeps time by it, in the middle of whatever they do."""
        self._shared[:] = _SECONDS.pack(self.offset + by.total_seconds())

    def set_right(self) -> None:
        """Have it show the true time."""
        self._shared[:] = _SECONDS.pack(0.0)
