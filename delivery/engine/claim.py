"""Claiming: taking due deliveries so that exactly one worker sends each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Count, F, When

from delivery.breaker import in_flight_cap
from delivery.formats.rendering import Form
from delivery.models import Delivery, Webhook

LEASE = timedelta(seconds=35)
"""How long a claim lasts: the longest attempt (30 s), and time to start and to record it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A delivery that this worker holds for `LEASE`, proved by its fencing number."""

    delivery_id: UUID
    event_id: UUID
    webhook_id: UUID
    form: Form
    fence: int
    attempt_count: int
    crashes: int
    claimed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What one look for due deliveries gave: claims, and the webhooks they go to.

    `is_all` is False if there may be more that could be claimed now; `is_capped` is True if some
    were left because their webhooks have as many requests under way as they may.
    """

    claims: list[Claim]
    webhooks: Mapping[UUID, Webhook]
    is_all: bool
    is_capped: bool


class _Candidate(NamedTuple):
    pk: UUID
    event_id: UUID
    webhook_id: UUID
    payload_format: str
    selection: str
    fence: int
    attempt_count: int
    crashes: int
    status: str


class ClaimDue(Protocol):
    """A way to claim due deliveries: `claim_due`, or one that leaves some of them to others."""

    def __call__(self, *, now: datetime, limit: int) -> Claimed:
        """Claim up to `limit` due deliveries."""


def claim_due(*, now: datetime, limit: int, events: Collection[UUID] | None = None) -> Claimed:
    """Claim up to `limit` due deliveries, the longest due first; only those of `events`, if given.

    Due is what waits to be sent and what a dead worker left when its lease ran out. No webhook gets
    more claims than it may have requests under way; webhooks that have them are passed over, and
    those at rest, whose deliveries are parked in time.
    """
    with transaction.atomic(savepoint=False):
        full = [webhook for webhook, room in _rooms(now).items() if room <= 0]
        due = Delivery.objects.due(now).exclude(webhook__in=full).order_by("due_at")
        due = due.exclude(webhook__in=Webhook.objects.resting().values("pk"))
        if events is not None:
            due = due.filter(event__in=events)
        rows = due.select_for_update(skip_locked=True).values_list(*_Candidate._fields)[:limit]
        candidates = [_Candidate(*row) for row in rows]
        webhooks = _lock_webhooks(candidates)
        chosen = _within_caps(candidates, webhooks, _rooms(now, webhooks))
        Delivery.objects.filter(pk__in=[row.pk for row in chosen]).update(
            status=Delivery.Status.SENDING,
            due_at=now + LEASE,
            fence=F("fence") + 1,
            crashes=F("crashes") + Case(When(status=Delivery.Status.SENDING, then=1), default=0),
        )
    is_contended = any(row.webhook_id not in webhooks for row in candidates)
    return Claimed(
        claims=[_claim(row, now) for row in chosen],
        webhooks=webhooks,
        is_all=len(candidates) < limit and not is_contended,
        is_capped=bool(full) or len(chosen) < len(candidates),
    )


def _lock_webhooks(candidates: list[_Candidate]) -> Mapping[UUID, Webhook]:
    """Return the webhooks of candidates, but for those that another worker is claiming for.

    Two workers that counted at once would both find room. Nobody waits here: the deliveries of
    what is locked are left for the next look, and so are those of what has come to rest meanwhile.
    """
    rows = Webhook.objects.filter(pk__in={row.webhook_id for row in candidates})
    locked = rows.select_for_update(skip_locked=True, no_key=True)
    return {webhook.pk: webhook for webhook in locked if not webhook.is_parking}


def _rooms(now: datetime, webhooks: Collection[UUID] | None = None) -> dict[UUID, int]:
    """Return how many more requests webhooks may have, of those that have any under way."""
    under_way = Delivery.objects.filter(status=Delivery.Status.SENDING, due_at__gt=now)
    if webhooks is not None:
        under_way = under_way.filter(webhook__in=webhooks)
    columns = ("webhook", "webhook__circuit", "webhook__max_in_flight")
    rows = under_way.values_list(*columns).annotate(count=Count("pk"))
    return {
        webhook: in_flight_cap(circuit=circuit, max_in_flight=most) - count
        for webhook, circuit, most, count in rows
    }


def _within_caps(
    candidates: list[_Candidate], webhooks: Mapping[UUID, Webhook], rooms: Mapping[UUID, int]
) -> list[_Candidate]:
    left = {pk: rooms.get(pk, _cap(webhook)) for pk, webhook in webhooks.items()}
    chosen = []
    for row in candidates:
        if left.get(row.webhook_id, 0) > 0:
            left[row.webhook_id] -= 1
            chosen.append(row)
    return chosen


def _cap(webhook: Webhook) -> int:
    return in_flight_cap(circuit=webhook.circuit, max_in_flight=webhook.max_in_flight)


def _claim(row: _Candidate, now: datetime) -> Claim:
    was_left = row.status == Delivery.Status.SENDING
    return Claim(
        delivery_id=row.pk,
        event_id=row.event_id,
        webhook_id=row.webhook_id,
        form=Form(payload_format=row.payload_format, selection=row.selection),
        fence=row.fence + 1,
        attempt_count=row.attempt_count,
        crashes=row.crashes + was_left,
        claimed_at=now,
    )
