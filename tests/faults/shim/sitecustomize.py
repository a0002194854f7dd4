"""What Python runs before the programs of the fault tests: their clock, and their cues to die."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import uuid_utils.compat
from django.utils import timezone

from delivery import faults
from tests.faults.clock import CLOCK_VARIABLE, Clock
from tests.faults.cues import CUES_VARIABLE, Cues


def _keep_time_by(clock: Clock) -> None:
    """Put the wall clock of this process right by what a test says; spans are measured as ever."""
    true_time, true_now, uuid7 = time.time, timezone.now, uuid_utils.compat.uuid7

    def shifted_time() -> float:
        return true_time() + clock.offset

    def shifted_now() -> datetime:
        return true_now() + timedelta(seconds=clock.offset)

    def shifted_uuid7(*, nanoseconds: int | None = None) -> UUID:
        # The first 48 bits are the milliseconds.
        return UUID(int=uuid7(nanoseconds=nanoseconds).int + (int(clock.offset * 1_000) << 80))

    # Before anybody has imported them by name.
    time.time, timezone.now, uuid_utils.compat.uuid7 = shifted_time, shifted_now, shifted_uuid7


if file := os.environ.get(CLOCK_VARIABLE):
    _keep_time_by(Clock(Path(file)))
if folder := os.environ.get(CUES_VARIABLE):
    faults.watch(Cues(Path(folder)).obey)
