"""Health: which webhooks fail, since when, and which are held back or suspended for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from delivery.breaker import Breaker, Result, breaker_after
from delivery.conf import delivery_settings
from delivery.engine.job import NotSent, Sent
from delivery.http.outcomes import Accepted, Rejected
from delivery.models import Delivery, Webhook
from delivery.retry_after import asked_wait, asks_to_slow_down
from delivery.standing import Standing
from delivery.suspension import suspend_webhook

_GONE = 410  # RFC 9110, 15.5.11.


@dataclass(frozen=True, kw_only=True)
class Noted:
    """How webhooks stand now, and which were suspended, came to rest or recovered."""

    standings: Mapping[UUID, Standing]
    suspended: Sequence[Webhook]
    held_back: frozenset[UUID]
    recovered: frozenset[UUID]


class _Turn(NamedTuple):
    """What results have made of a webhook; the reason is empty unless it is suspended for it."""

    before: Standing
    after: Standing
    reason: str

    @property
    def is_held_back(self) -> bool:
        """Whether nothing is to be sent until a moment that was not known before."""
        is_open = self.after.circuit == Webhook.Circuit.OPEN
        return is_open and self.after.probe_at != self.before.probe_at

    @property
    def is_recovered(self) -> bool:
        """Whether what was parked can be sent."""
        is_closed_now = self.after.breaker.is_closed and not self.before.breaker.is_closed
        return is_closed_now and self.after.is_active


def lock_standings(ended: Iterable[Sent | NotSent]) -> dict[UUID, Standing]:
    """Return how the webhooks of some results stand.

    Locked until the end of the transaction: a resume must find these deliveries waiting, or be
    found here; and what is parked because of them must be seen, or see that they are over.
    """
    webhooks = {item.job.webhook.pk for item in ended}
    rows = Webhook.objects.filter(pk__in=webhooks).order_by("pk").select_for_update(no_key=True)
    return {row[0]: Standing(*row) for row in rows.values_list(*Standing._fields)}


def note_results(
    sent: Iterable[Sent], *, standings: Mapping[UUID, Standing], now: datetime
) -> Noted:
    """Write down which webhooks fail or recover, and hold them back, send on or suspend them.

    What was sent to a former URL, or before a resume, says nothing of how a webhook fares now.
    """
    results: dict[UUID, list[Sent]] = defaultdict(list)
    for item in sent:
        standing = standings.get(item.job.webhook.pk)
        if standing and standing.is_active and standing.is_concerned(item):
            results[standing.pk].append(item)
    turns = [_turn(standings[pk], items, now=now) for pk, items in results.items()]
    _store([turn.after for turn in turns if turn.after != turn.before])
    return Noted(
        standings={**standings, **{turn.after.pk: turn.after for turn in turns}},
        suspended=[_suspend(turn, now=now) for turn in turns if turn.reason],
        held_back=frozenset(turn.after.pk for turn in turns if turn.is_held_back),
        recovered=frozenset(turn.after.pk for turn in turns if turn.is_recovered),
    )


def _turn(standing: Standing, items: Sequence[Sent], *, now: datetime) -> _Turn:
    before = _reviewed(standing, now=now)
    results = [_result(item, now=now) for item in items]
    breaker = breaker_after(before.breaker, results, now=now)
    is_failing = not any(result.is_accepted for result in results)
    since = (before.failing_since or now) if is_failing else None
    after = before.with_breaker(breaker)._replace(failing_since=since)
    reason = _reason(before, items, is_failing=is_failing, now=now)
    if reason:
        calm = Breaker(consecutive_failures=breaker.consecutive_failures)
        after = after.with_breaker(calm)._replace(status=Webhook.Status.SUSPENDED)
    return _Turn(standing, after, reason)


def _result(item: Sent, *, now: datetime) -> Result:
    return Result(
        is_accepted=isinstance(item.outcome, Accepted),
        is_first=item.job.claim.attempt_count == 0,
        is_probe=item.job.webhook.circuit == Webhook.Circuit.HALF_OPEN,
        is_slow_down=asks_to_slow_down(item.outcome, now=now),
        wait=asked_wait(item.outcome, now=now),
    )


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


def _store(standings: Sequence[Standing]) -> None:
    """Write down what has changed of webhooks, in one statement."""
    columns = ("failing_since", "circuit", "consecutive_failures", "failed_probes", "probe_at")
    rows = [
        Webhook(pk=each.pk, **{name: getattr(each, name) for name in columns}) for each in standings
    ]
    Webhook.objects.bulk_update(rows, columns)


def _reason(standing: Standing, items: Iterable[Sent], *, is_failing: bool, now: datetime) -> str:
    """Return why a webhook is to be suspended, in a sentence; empty if it is not."""
    if any(isinstance(item.outcome, Rejected) and _is_gone(item.outcome) for item in items):
        return f"The endpoint answered with status {_GONE}: it is gone for good."
    if is_failing and _is_overdue(standing, now=now):
        since = standing.failing_since
        return f"The endpoint has accepted nothing since {since:%Y-%m-%d %H:%M} UTC."
    return ""


def _is_gone(outcome: Rejected) -> bool:
    return outcome.answer.status_code == _GONE


def _suspend(turn: _Turn, *, now: datetime) -> Webhook:
    webhook = Webhook.objects.get(pk=turn.after.pk)
    suspend_webhook(webhook, reason=turn.reason, now=now)
    return webhook
