"""The one deadline of an attempt."""

import time
from dataclasses import dataclass
from datetime import timedelta

from delivery.http.failures import DeadlineError
from delivery.http.outcomes import Phase


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock (seconds) that no receiver can move.

    Every operation on a socket asks for what is left, since a socket's own timeout starts again
    with each byte.
    """

    seconds: float
    ends_at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Start an attempt that may take that many seconds."""
        return cls(seconds, time.monotonic() + seconds)

    def remaining(self, phase: Phase) -> float:
        """Return the seconds that are left, which are more than 0.

        Raises:
            DeadlineError: none are left.
        """
        remaining = self.ends_at - time.monotonic()
        if remaining <= 0:
            raise self.passed(phase)
        return remaining

    def passed(self, phase: Phase) -> DeadlineError:
        """Make the error that says the deadline passed in this phase."""
        return DeadlineError(phase=phase, after=timedelta(seconds=self.seconds))
