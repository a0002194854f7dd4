"""Waits that grow by the same factor."""

from datetime import timedelta
from random import Random
from typing import Annotated

from delivery.options import Between
from delivery.retry.policy import MaxAttempts, RetryPolicy, retry_policy
from delivery.retry.waits import ANY_WAIT, Jitter, in_words, jittered, waits_sentence


@retry_policy("exponential", is_custom=False)
class ExponentialRetryPolicy(RetryPolicy):
    """Waits longer by the same factor before each attempt."""

    max_attempts: MaxAttempts = 8
    initial_delay: Annotated[timedelta, "How long to wait at first.", ANY_WAIT] = timedelta(
        seconds=15
    )
    factor: Annotated[float, "By how much to multiply each wait, 1 to 10.", Between(1, 10)] = 4
    max_delay: Annotated[timedelta, "The longest wait.", ANY_WAIT] = timedelta(days=1)
    jitter: Jitter = 0.1

    def wait(self, *, retry: int, random: Random, **_: object) -> timedelta:
        """Multiply for each retry after the first, then stray, up to the longest wait."""
        strayed = jittered(self._planned(retry), jitter=self.jitter, random=random)
        return min(strayed, self.max_delay)

    def _planned(self, retry: int) -> timedelta:
        try:
            return min(self.initial_delay * self.factor ** (retry - 1), self.max_delay)
        except OverflowError:
            # More than Python can count is more than the longest wait.
            return self.max_delay

    @property
    def summary(self) -> str:
        """The policy in a sentence."""
        return waits_sentence(
            in_words(self.initial_delay),
            f"{self.factor:g} times as long each time",
            f"up to {in_words(self.max_delay)}",
            max_attempts=self.max_attempts,
            jitter=self.jitter,
        )
