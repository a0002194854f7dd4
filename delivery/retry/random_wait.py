"""Waits that nobody can foresee."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Annotated

from delivery.options import OptionError, OptionErrorCode
from delivery.retry.policy import MaxAttempts, RetryPolicy, retry_policy
from delivery.retry.waits import ANY_WAIT, in_words, waits_sentence


@retry_policy("random", is_custom=False)
class RandomRetryPolicy(RetryPolicy):
    """Waits a random time before each attempt."""

    max_attempts: MaxAttempts = 6
    min_delay: Annotated[timedelta, "The shortest wait.", ANY_WAIT] = timedelta(seconds=10)
    max_delay: Annotated[timedelta, "The longest wait.", ANY_WAIT] = timedelta(hours=1)

    def wait(self, *, random: Random, **_: object) -> timedelta:
        """Draw a whole number of seconds, the shortest and the longest wait included."""
        span = (self.max_delay - self.min_delay) // timedelta(seconds=1)
        # Drawn from `random()` alone, so that a source fixed at one half gives the middle.
        return self.min_delay + timedelta(seconds=int(random.random() * (span + 1)))

    def validate(self) -> Iterator[OptionError]:
        """Find the shortest wait not to be shorter than the longest."""
        if self.min_delay >= self.max_delay:
            yield OptionError(
                path=("minDelaySeconds",),
                code=OptionErrorCode.OUT_OF_RANGE,
                message=f"minDelaySeconds must be less than maxDelaySeconds, which is "
                f"{self.max_delay // timedelta(seconds=1)}.",
            )

    @property
    def summary(self) -> str:
        """The policy in a sentence."""
        return waits_sentence(
            f"at random from {in_words(self.min_delay)} to {in_words(self.max_delay)}",
            max_attempts=self.max_attempts,
        )
