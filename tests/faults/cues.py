"""Cues to die: who comes by the point that a test has named kills itself, and nobody else does."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from delivery.faults import FaultPoint
from tests.services.waiting import eventually

CUES_VARIABLE = "HOOKLINE_TEST_CUES"


class Cues:
    """One file for each process that is to die, named after where; whoever removes it does."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self.env = {CUES_VARIABLE: str(folder)}

    def give(self, point: FaultPoint) -> None:
        """Have the next process die that comes by a point."""
        (self._folder / point.name).touch()

    def wait_until_taken(self, point: FaultPoint) -> None:
        """Wait until a process has died there."""
        eventually(lambda: self._given() & {point}, set())

    def obey(self, point: FaultPoint) -> None:
        """Die at once, as a loss of power has it, if there is a cue for this point."""
        with suppress(FileNotFoundError):
            (self._folder / point.name).unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def _given(self) -> set[FaultPoint]:
        return {FaultPoint[file.name] for file in self._folder.iterdir()}
