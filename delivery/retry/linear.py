"""Waits that grow by the same step."""

from datetime import timedelta
from typing import Annotated

from delivery.retry.policy import MaxAttempts, RetryPolicy, retry_policy
from delivery.retry.waits import ANY_WAIT, in_words, waits_sentence


@retry_policy("linear", is_custom=False)
class LinearRetryPolicy(RetryPolicy):
    """Waits longer by the same step before each attempt."""

    max_attempts: MaxAttempts = 6
    initial_delay: Annotated[timedelta, "How long to wait at first.", ANY_WAIT] = timedelta(
        seconds=30
    )
    step: Annotated[timedelta, "How much longer each time.", ANY_WAIT] = timedelta(seconds=60)
    max_delay: Annotated[timedelta, "The longest wait.", ANY_WAIT] = timedelta(days=1)

    def wait(self, *, retry: int, **_: object) -> timedelta:
        """Add a step for each retry after the first, up to the longest wait."""
        return min(self.initial_delay + self.step * (retry - 1), self.max_delay)

    @property
    def summary(self) -> str:
        """The policy in a sentence."""
        return waits_sentence(
            in_words(self.initial_delay),
            f"{in_words(self.step)} longer each time",
            f"up to {in_words(self.max_delay)}",
            max_attempts=self.max_attempts,
        )
