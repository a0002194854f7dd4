"""Waits as listed; the default policy is one of these."""

from datetime import timedelta
from random import Random
from typing import Annotated

from delivery.options import Between, Length
from delivery.retry.policy import RetryPolicy, retry_policy
from delivery.retry.waits import SHORTEST_WAIT, Jitter, in_words, jittered, waits_sentence

# Enough for a long weekend: 75 hours 35 minutes 5 seconds from the first attempt to the last.
_DEFAULT_DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)


@retry_policy("schedule", is_custom=False)
class ScheduleRetryPolicy(RetryPolicy):
    """Waits the listed times, one after the other."""

    delays: Annotated[
        tuple[timedelta, ...],
        "How long to wait before each attempt after the first, 1 to 49 of them, 7 days at most.",
        Between(SHORTEST_WAIT, timedelta(days=7)),
        Length(1, 49),
    ] = _DEFAULT_DELAYS
    jitter: Jitter = 0.1

    @property
    def max_attempts(self) -> int:
        """One attempt at once, and one after each wait."""
        return len(self.delays) + 1

    def wait(self, *, retry: int, random: Random, **_: object) -> timedelta:
        """Wait as listed, and stray."""
        return jittered(self.delays[retry - 1], jitter=self.jitter, random=random)

    @property
    def summary(self) -> str:
        """The policy in a sentence."""
        first, *others = map(in_words, self.delays)
        in_turn = [first, *(f"then {other}" for other in others)]
        return waits_sentence(
            *in_turn,
            max_attempts=self.max_attempts,
            jitter=self.jitter,
        )
