"""The gate: which jobs may be sent at once, so that neither a webhook nor an owner takes it all."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from typing import NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from delivery.engine.appetite import cap
from delivery.engine.job import Job

K = TypeVar("K")

_SHARE_OF_FREE = 2


class Waiting(NamedTuple):
    """A job that nobody sends yet, and since when it waits on the monotonic clock."""

    job: Job
    since: float


_OfWebhooks: TypeAlias = "OrderedDict[UUID, deque[Waiting]]"


class Gate:
    """Lets jobs through as far as their webhooks and owners may have more under way.

    A webhook has its cap. An owner may have twice as many as there are free places: one whose
    endpoints all hang gets two thirds of the places, several of the kind get less each, and there
    is always one left for the next (the dynamic thresholds of Choudhury and Hahne, IEEE/ACM
    Transactions on Networking 6(2), 1998). What may not pass yet waits here, the longest first.

    Not for several threads at once.
    """

    def __init__(self, *, places: int) -> None:
        self._free = places
        self._of_webhook: Counter[UUID] = Counter()
        self._of_owner: Counter[object] = Counter()
        self._waiting: dict[object, _OfWebhooks] = {}

    def is_held(self, owner_id: object) -> bool:
        """Return whether an owner has as much under way as anybody may have now."""
        return self._of_owner[owner_id] >= _SHARE_OF_FREE * self._free

    def enter(self, job: Job) -> bool:
        """Let a job through, or let it wait."""
        if self._passes(job):
            return True
        of_owner = self._waiting.setdefault(job.webhook.owner_id, OrderedDict())
        of_owner.setdefault(job.webhook.pk, deque()).append(Waiting(job, time.monotonic()))
        return False

    def leave(self, job: Job) -> Job | None:
        """Count a job that passed as over; return another that passes for it, if one waits."""
        self._count(job, -1)
        return self._next(job) if self._waiting else None

    def withdraw(self, is_wanted: Callable[[Waiting], bool]) -> list[Job]:
        """Take back jobs that wait."""
        taken: list[Job] = []
        for owner_id, of_owner in tuple(self._waiting.items()):
            for pk, items in tuple(of_owner.items()):
                taken += [item.job for item in items if is_wanted(item)]
                of_owner[pk] = deque(item for item in items if not is_wanted(item))
                self._tidy(owner_id, pk)
        return taken

    def _passes(self, job: Job) -> bool:
        webhook = job.webhook
        is_full = self._of_webhook[webhook.pk] >= cap(webhook)
        if is_full or self.is_held(webhook.owner_id):
            return False
        self._count(job, 1)
        return True

    def _next(self, ended: Job) -> Job | None:
        for owner_id, of_owner in self._waiting.items():
            if self.is_held(owner_id):
                continue
            # Those that were served last are behind; but what waits for its webhook alone may go
            # on with it at once.
            for pk in (ended.webhook.pk, *of_owner):
                if pk in of_owner and self._passes(of_owner[pk][0].job):
                    job = of_owner[pk].popleft().job
                    of_owner.move_to_end(pk)
                    self._tidy(owner_id, pk)
                    return job
        return None

    def _count(self, job: Job, change: int) -> None:
        self._free -= change
        _count(self._of_webhook, job.webhook.pk, change)
        _count(self._of_owner, job.webhook.owner_id, change)

    def _tidy(self, owner_id: object, webhook_id: UUID) -> None:
        if not self._waiting[owner_id][webhook_id]:
            del self._waiting[owner_id][webhook_id]
        if not self._waiting[owner_id]:
            del self._waiting[owner_id]


def _count(counter: Counter[K], key: K, change: int) -> None:
    counter[key] += change
    if not counter[key]:
        del counter[key]
