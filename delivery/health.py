"""Health: which webhooks fail, since when, and which of them are to be suspended for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from delivery.conf import delivery_settings
from delivery.engine.job import NotSent, Sent
from delivery.http.outcomes import Accepted, Rejected
from delivery.models import Delivery, Webhook
from delivery.suspension import suspend_webhook

_GONE = 410  # RFC 9110, 15.5.11.


class Standing(NamedTuple):
    """How a webhook stands while what was sent to it is recorded."""

    pk: UUID
    status: str
    url: str
    active_since: datetime
    failing_since: datetime | None


def lock_standings(ended: Iterable[Sent | NotSent]) -> dict[UUID, Standing]:
    """Return the standing of webhooks to which something is to be sent again, or which recover.

    Locked until the end of the transaction: a resume must find these deliveries waiting, or be
    found here. In calm there are none, and nothing is asked.
    """
    webhooks = {item.job.webhook.pk for item in ended if _concerns_health(item)}
    if not webhooks:
        return {}
    rows = Webhook.objects.filter(pk__in=webhooks).order_by("pk").select_for_update(no_key=True)
    return {row[0]: Standing(*row) for row in rows.values_list(*Standing._fields)}


def note_results(
    sent: Iterable[Sent], *, standings: Mapping[UUID, Standing], now: datetime
) -> list[Webhook]:
    """Write down which webhooks begin to fail or recover; return those that are now suspended.

    What was sent to a former URL, or before a resume, says nothing of how a webhook fares now.
    """
    results: dict[UUID, list[Sent]] = defaultdict(list)
    for item in sent:
        standing = standings.get(item.job.webhook.pk)
        if standing and standing.status == Webhook.Status.ACTIVE and _counts(item, standing):
            results[standing.pk].append(item)
    fares = [_Fares(_reviewed(standings[pk], now=now), items) for pk, items in results.items()]
    _note_changes(fares, now=now)
    return [
        _suspend(each.standing.pk, reason, now=now)
        for each in fares
        if (reason := _reason(each, now=now))
    ]


def _concerns_health(item: Sent | NotSent) -> bool:
    is_accepted = isinstance(item, Sent) and isinstance(item.outcome, Accepted)
    return not is_accepted or item.job.webhook.failing_since is not None


def _counts(item: Sent, standing: Standing) -> bool:
    return item.request.url == standing.url and item.started_at >= standing.active_since


class _Fares(NamedTuple):
    """How a webhook stood, and what has become since of what was sent to it."""

    standing: Standing
    results: Sequence[Sent]

    @property
    def is_failing(self) -> bool:
        return not any(isinstance(item.outcome, Accepted) for item in self.results)


def _reviewed(standing: Standing, *, now: datetime) -> Standing:
    """Return a standing that has failed for too long as it truly is.

    Whoever recorded a success may not have known yet that the webhook was failing.
    """
    if not _is_overdue(standing, now=now):
        return standing
    accepted = Delivery.objects.filter(
        webhook=standing.pk,
        status=Delivery.Status.SUCCEEDED,
        completed_at__gte=standing.failing_since,
    )
    return standing._replace(failing_since=None) if accepted.exists() else standing


def _is_overdue(standing: Standing, *, now: datetime) -> bool:
    since = standing.failing_since
    return since is not None and now - since > delivery_settings().suspend_after


def _note_changes(fares: Iterable[_Fares], *, now: datetime) -> None:
    changes: dict[datetime | None, list[UUID]] = defaultdict(list)
    for each in fares:
        if each.is_failing != (each.standing.failing_since is not None):
            changes[now if each.is_failing else None].append(each.standing.pk)
    for since, webhooks in changes.items():
        Webhook.objects.filter(pk__in=webhooks).update(failing_since=since)


def _reason(fares: _Fares, *, now: datetime) -> str | None:
    """Return why a webhook is to be suspended, in a sentence, or None."""
    if any(isinstance(item.outcome, Rejected) and _is_gone(item.outcome) for item in fares.results):
        return f"The endpoint answered with status {_GONE}: it is gone for good."
    if fares.is_failing and _is_overdue(fares.standing, now=now):
        since = fares.standing.failing_since
        return f"The endpoint has accepted nothing since {since:%Y-%m-%d %H:%M} UTC."
    return None


def _is_gone(outcome: Rejected) -> bool:
    return outcome.answer.status_code == _GONE


def _suspend(pk: UUID, reason: str, *, now: datetime) -> Webhook:
    webhook = Webhook.objects.get(pk=pk)
    suspend_webhook(webhook, reason=reason, now=now)
    return webhook
