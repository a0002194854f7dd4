"""Recording: what became of claimed deliveries, many in one short transaction."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Value, When

from delivery.engine.job import Crashed, Ended, Job, NotSent, Sent
from delivery.http.outcomes import (
    Accepted,
    Blocked,
    Outcome,
    Rejected,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from delivery.models import Attempt, Delivery, Webhook
from delivery.retry import GiveUp, Retry, default_policy

logger = logging.getLogger(__name__)

MOST_CRASHES = 5
"""How often a delivery may take its worker down before it is given up."""

_OUTCOMES: Mapping[type[Outcome], Attempt.Outcome] = {
    Accepted: Attempt.Outcome.SUCCEEDED,
    Rejected: Attempt.Outcome.REJECTED,
    TimedOut: Attempt.Outcome.TIMED_OUT,
    Unreachable: Attempt.Outcome.CONNECTION_FAILED,
    TlsFailed: Attempt.Outcome.TLS_FAILED,
    Blocked: Attempt.Outcome.ADDRESS_BLOCKED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Step:
    """What a delivery becomes."""

    status: Delivery.Status
    due_at: datetime | None = None
    attempt: Attempt | None = None

    @property
    def has_ended(self) -> bool:
        return self.status in (
            Delivery.Status.SUCCEEDED,
            Delivery.Status.FAILED,
            Delivery.Status.CANCELLED,
        )


def record(ended: Sequence[Ended], *, now: datetime, random: Random) -> None:
    """Write down how jobs ended, in a constant number of statements.

    A delivery that this worker no longer holds is left as it is: its lease ran out, and another
    worker's number stands in its row.
    """
    steps = {
        item.job.claim.delivery_id: _next_step(item, now, random)
        for item in ended
        if not isinstance(item, Crashed)
    }
    fences = {item.job.claim.delivery_id: item.job.claim.fence for item in ended}
    with transaction.atomic():
        rows = Delivery.objects.filter(pk__in=steps).order_by("pk").select_for_update()
        held = [pk for pk, fence in rows.values_list("pk", "fence") if fences[pk] == fence]
        attempts = [step.attempt for pk in held if (step := steps[pk]).attempt]
        Attempt.objects.bulk_create(attempts)
        _apply({pk: steps[pk] for pk in held}, now=now)


def _next_step(ended: Sent | NotSent, now: datetime, random: Random) -> _Step:
    job = ended.job
    if isinstance(ended, NotSent):
        return _step_unsent(job, now)
    attempt = _attempt(ended)
    if isinstance(ended.outcome, Accepted):
        return _Step(status=Delivery.Status.SUCCEEDED, attempt=attempt)
    decision = _decide(job, ended.outcome, now=now, random=random)
    if isinstance(decision, Retry):
        return _Step(status=Delivery.Status.RETRYING, due_at=decision.at, attempt=attempt)
    return _Step(status=Delivery.Status.FAILED, attempt=attempt)


def _decide(job: Job, outcome: Outcome, *, now: datetime, random: Random) -> Retry | GiveUp:
    attempt = job.claim.attempt_count + 1
    try:
        return job.webhook.policy.decide(outcome=outcome, attempt=attempt, now=now, random=random)
    except Exception:
        # A policy of the project's own is at fault; no delivery may be lost or held up by it.
        logger.exception("The retry policy of %s failed.", job.webhook)
        return default_policy().decide(outcome=outcome, attempt=attempt, now=now, random=random)


def _step_unsent(job: Job, now: datetime) -> _Step:
    waiting = Delivery.Status.RETRYING if job.claim.attempt_count else Delivery.Status.PENDING
    if job.webhook.status == Webhook.Status.CANCELLED:
        return _Step(status=Delivery.Status.CANCELLED)
    if not job.webhook.is_active:
        return _Step(status=waiting)
    if job.claim.crashes >= MOST_CRASHES:
        return _Step(status=Delivery.Status.FAILED, attempt=_interrupted(job, now))
    return _Step(status=waiting, due_at=now)


def _attempt(sent: Sent) -> Attempt:
    answer, request = sent.outcome.answer, sent.request
    return Attempt(
        owner_id=sent.job.webhook.owner_id,
        delivery_id=sent.job.claim.delivery_id,
        number=sent.job.claim.attempt_count + 1,
        outcome=_OUTCOMES[type(sent.outcome)],
        error_message=sent.outcome.error_message or "",
        request_url=request.url,
        request_headers=request.headers,
        status_code=answer.status_code if answer else None,
        response_headers=answer.headers if answer else None,
        response_body=answer.body if answer else "",
        is_body_truncated=bool(answer and answer.is_truncated),
        started_at=sent.started_at,
        duration=sent.duration,
    )


def _interrupted(job: Job, now: datetime) -> Attempt:
    return Attempt(
        owner_id=job.webhook.owner_id,
        delivery_id=job.claim.delivery_id,
        number=job.claim.attempt_count + 1,
        outcome=Attempt.Outcome.INTERRUPTED,
        error_message=f"The worker was stopped {job.claim.crashes} times while sending this.",
        request_url=job.webhook.url,
        request_headers=[],
        started_at=now,
        duration=timedelta(),
    )


def _apply(steps: Mapping[UUID, _Step], *, now: datetime) -> None:
    alike: dict[tuple[Delivery.Status, bool], list[UUID]] = defaultdict(list)
    for pk, step in steps.items():
        alike[step.status, step.attempt is not None].append(pk)
    for (status, is_attempted), keys in alike.items():
        changes = {"crashes": 0, "attempt_count": F("attempt_count") + 1} if is_attempted else {}
        Delivery.objects.filter(pk__in=keys).update(
            status=status,
            due_at=_due_at({pk: steps[pk] for pk in keys}),
            completed_at=now if steps[keys[0]].has_ended else None,
            **changes,
        )


def _due_at(steps: Mapping[UUID, _Step]) -> Case | Value:
    moments = {pk: step.due_at for pk, step in steps.items() if step.due_at}
    if not moments:
        return Value(None, output_field=DateTimeField())
    cases = (When(pk=pk, then=Value(moment)) for pk, moment in moments.items())
    return Case(*cases, default=None, output_field=DateTimeField())
