"""The wall clock that processes share, and that a test can move."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta
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
        self._moves: list[tuple[datetime, float]] = []

    @property
    def offset(self) -> float:
        """How many seconds it is fast."""
        [seconds] = _SECONDS.unpack(self._shared)
        return float(seconds)

    def jump(self, by: timedelta) -> None:
        """Move it for every process that keeps time by it, in the middle of whatever they do."""
        self._move_to(self.offset + by.total_seconds())

    def set_right(self) -> None:
        """Have it show the true time."""
        self._move_to(0.0)

    def shown_at(self, moment: datetime) -> datetime:
        """Return what it showed at a true moment."""
        offsets = [seconds for since, seconds in self._moves if since <= moment]
        return moment + timedelta(seconds=offsets[-1] if offsets else 0.0)

    def _move_to(self, offset: float) -> None:
        self._shared[:] = _SECONDS.pack(offset)
        self._moves.append((datetime.now(UTC), offset))
