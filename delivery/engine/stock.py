"""The stock of a worker: what it has claimed, which may be more than it sends at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from delivery.engine.appetite import MOST_SUSPECTS, cap
from delivery.engine.job import Ended, Job, Sent
from delivery.models import Webhook
from delivery.pace import Pace

# Little, so that not much waits in vain for an endpoint that becomes slow.
_LASTS = timedelta(milliseconds=250)
_MOST = 200
_MOST_REMEMBERED = 10_000


class Stock:
    """Takes more of a webhook whose endpoint is fast, if no other worker sends to it.

    A webhook's cap holds over all workers: who finds others at it claims no more than what is left
    of the cap, and who finds a stock claims nothing. Without stocks, every ten requests would have
    to wait for a record and a claim.
    """

    def __init__(self, *, is_held: Callable[[object], bool], pace: Pace) -> None:
        self.is_held = is_held
        self.take = pace.take
        self._count = 0
        self._suspects = 0
        self._of_webhook: Counter[UUID] = Counter()
        self._durations: dict[UUID, timedelta] = {}

    def __len__(self) -> int:
        """Return how many jobs there are, those that are being sent among them."""
        return self._count

    @property
    def room_for_suspects(self) -> int:
        """How many more deliveries may be claimed that workers have died with again and again."""
        return MOST_SUSPECTS - self._suspects

    def add(self, job: Job) -> None:
        """Count a job that was claimed."""
        self._count += 1
        self._suspects += job.claim.is_suspect
        self._of_webhook[job.webhook.pk] += 1

    def remove(self, ended: Ended) -> None:
        """Count a job as over, and learn how long it took."""
        pk = ended.job.webhook.pk
        self._count -= 1
        self._suspects -= ended.job.claim.is_suspect
        self._of_webhook[pk] -= 1
        if not self._of_webhook[pk]:
            del self._of_webhook[pk]
        if isinstance(ended, Sent):
            if len(self._durations) >= _MOST_REMEMBERED:
                self._durations.clear()
            self._durations[pk] = ended.duration

    def has_some_of(self, webhook_id: UUID) -> bool:
        """Return whether deliveries to a webhook are under way here, after which it looks again."""
        return webhook_id in self._of_webhook

    def room(self, webhook: Webhook, *, under_way: int) -> int:
        """Return how many more may be claimed of a webhook that has so many claimed already."""
        is_alone = under_way <= self._of_webhook[webhook.pk]
        if not is_alone or webhook.circuit != Webhook.Circuit.CLOSED:
            return cap(webhook) - under_way
        return self._most(webhook) - under_way

    def _most(self, webhook: Webhook) -> int:
        duration = self._durations.get(webhook.pk)
        if not duration:
            return cap(webhook)
        return max(cap(webhook), min(int(cap(webhook) * (_LASTS / duration)), _MOST))
