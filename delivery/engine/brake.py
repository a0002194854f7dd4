"""The brake of a process: heeds an endpoint that asks to slow down before that is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from delivery.engine.job import Ended, Job, Sent
from delivery.retry_after import asks_to_slow_down


class Brake:
    """Knows the webhooks whose endpoints have asked to slow down by an answer not recorded yet.

    Jobs for them are claimed already, as many as may be under way at once, and are not to be sent.
    Its methods may be called on any thread.
    """

    def __init__(self) -> None:
        self._asked: dict[UUID, Sent] = {}

    def holds(self, job: Job) -> bool:
        """Return whether a job is not to be sent."""
        return job.webhook.pk in self._asked

    def hear(self, sent: Sent, *, now: datetime) -> None:
        """Hold what goes where a request was answered so that it is to be held."""
        if asks_to_slow_down(sent.outcome, now=now):
            self._asked.setdefault(sent.job.webhook.pk, sent)

    def asked_in(self, ended: Iterable[Ended]) -> set[UUID]:
        """Return the webhooks that are held because of some results."""
        return {
            item.job.webhook.pk for item in ended if self._asked.get(item.job.webhook.pk) is item
        }

    def release(self, webhooks: Iterable[UUID]) -> None:
        """Hold nothing for some webhooks any more: the database knows, and claims heed it."""
        for webhook in webhooks:
            self._asked.pop(webhook, None)
