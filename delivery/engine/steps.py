"""What becomes of a delivery once its job has ended: decided in plain code, written elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from delivery.engine.job import NotSent, Sent
from delivery.http.outcomes import (
    Accepted,
    Blocked,
    Interrupted,
    Outcome,
    Rejected,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from delivery.models import Attempt, Delivery, Webhook
from delivery.retry import GiveUp, Retry, default_policy
from delivery.retry_after import asked_wait
from delivery.standing import Standing

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
    Interrupted: Attempt.Outcome.INTERRUPTED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a delivery becomes, and the attempt that made it so."""

    status: Delivery.Status
    due_at: datetime | None = None
    attempt: Attempt | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be sent."""
        return self.status in (
            Delivery.Status.SUCCEEDED,
            Delivery.Status.FAILED,
            Delivery.Status.CANCELLED,
        )


def next_step(ended: Sent | NotSent, *, standing: Standing, now: datetime, random: Random) -> Step:
    """Return what becomes of a delivery whose webhook now stands so."""
    step = (
        _after_sending(ended, standing=standing, now=now, random=random)
        if isinstance(ended, Sent)
        else _without_sending(ended, now=now)
    )
    if step.has_ended:
        return step
    match standing.status:
        case Webhook.Status.ACTIVE:
            return replace(step, due_at=None) if _is_parked(step, standing) else step
        case Webhook.Status.PAUSED | Webhook.Status.SUSPENDED:
            return replace(step, due_at=None)
        case _:
            return replace(step, status=Delivery.Status.CANCELLED, due_at=None)


def _is_parked(step: Step, standing: Standing) -> bool:
    """Return whether a delivery would be due while requests are held back."""
    if standing.circuit != Webhook.Circuit.OPEN or not step.due_at or not standing.probe_at:
        return False
    return step.due_at < standing.probe_at


def _after_sending(sent: Sent, *, standing: Standing, now: datetime, random: Random) -> Step:
    attempt = _attempt(sent)
    if isinstance(sent.outcome, Accepted):
        return Step(status=Delivery.Status.SUCCEEDED, attempt=attempt)
    decision = _decide(sent, now=now, random=random)
    if not isinstance(decision, Retry):
        return Step(status=Delivery.Status.FAILED, attempt=attempt)
    # What a former endpoint asked for is not asked by the one that is there now.
    wait = asked_wait(sent.outcome, now=now) if standing.is_concerned(sent) else timedelta()
    due_at = max(decision.at, now + wait)
    return Step(status=Delivery.Status.RETRYING, due_at=due_at, attempt=attempt)


def _without_sending(unsent: NotSent, *, now: datetime) -> Step:
    job = unsent.job
    if job.claim.crashes >= MOST_CRASHES:
        return Step(status=Delivery.Status.FAILED, attempt=_interrupted(unsent, now=now))
    waiting = Delivery.Status.RETRYING if job.claim.attempt_count else Delivery.Status.PENDING
    return Step(status=waiting, due_at=job.claim.turn if unsent.keeps_turn else now)


def _decide(sent: Sent, *, now: datetime, random: Random) -> Retry | GiveUp:
    webhook, attempt = sent.job.webhook, sent.job.claim.attempt_count + 1
    try:
        return webhook.policy.decide(outcome=sent.outcome, attempt=attempt, now=now, random=random)
    except BaseException:
        # A policy of the project's own is at fault; no delivery may be lost or held up by it, not
        # even by `SystemExit`.
        logger.exception("The retry policy of %s failed.", webhook)
        return default_policy().decide(
            outcome=sent.outcome, attempt=attempt, now=now, random=random
        )


def outcome_of(ended: Sent | NotSent) -> Outcome:
    """Return how the attempt ended that is recorded for a job.

    One is recorded for a job that was not sent if its delivery is given up for that.
    """
    if isinstance(ended, Sent):
        return ended.outcome
    return Interrupted(times=ended.job.claim.crashes)


def _attempt(sent: Sent) -> Attempt:
    outcome, request = sent.outcome, sent.request
    answer, address = outcome.answer, outcome.remote_address
    return Attempt(
        owner_id=sent.job.webhook.owner_id,
        delivery_id=sent.job.claim.delivery_id,
        number=sent.job.claim.attempt_count + 1,
        outcome=_OUTCOMES[type(outcome)],
        error_message=outcome.error_message or "",
        request_url=request.url,
        request_headers=request.shown_headers,
        status_code=answer.status_code if answer else None,
        response_headers=answer.headers if answer else None,
        response_body=answer.body if answer else "",
        is_body_truncated=bool(answer and answer.is_truncated),
        remote_address=str(address) if address else None,
        timed_out_phase=outcome.phase.value if isinstance(outcome, TimedOut) else "",
        started_at=sent.started_at,
        duration=sent.duration,
    )


def _interrupted(unsent: NotSent, *, now: datetime) -> Attempt:
    job, outcome = unsent.job, outcome_of(unsent)
    return Attempt(
        owner_id=job.webhook.owner_id,
        delivery_id=job.claim.delivery_id,
        number=job.claim.attempt_count + 1,
        outcome=_OUTCOMES[type(outcome)],
        error_message=outcome.error_message or "",
        request_url=job.webhook.url,
        request_headers=[],
        started_at=now,
        duration=timedelta(),
    )
