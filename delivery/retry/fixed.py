"""The same wait before each retry."""

from datetime import timedelta
from typing import Annotated

from delivery.retry.policy import MaxAttempts, RetryPolicy, retry_policy
from delivery.retry.waits import ANY_WAIT, in_words, waits_sentence


@retry_policy("fixed", is_custom=False)
class FixedRetryPolicy(RetryPolicy):
    """Waits the same time before each attempt."""

    max_attempts: MaxAttempts = 6
    delay: Annotated[timedelta, "How long to wait.", ANY_WAIT] = timedelta(seconds=60)

    def wait(self, **_: object) -> timedelta:
        """Wait as long as always."""
        return self.delay

    @property
    def summary(self) -> str:
        """The policy in a sentence."""
        return waits_sentence(in_words(self.delay), max_attempts=self.max_attempts)
