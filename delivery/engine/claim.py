"""Claiming: taking due deliveries so that exactly one worker sends each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Count, F, When

from delivery.models import Delivery, Webhook

LEASE = timedelta(seconds=35)
"""How long a claim lasts: the longest attempt (30 s), and time to start and to record it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A delivery that this worker holds for `LEASE`, proved by its fencing number."""

    delivery_id: UUID
    event_id: UUID
    webhook_id: UUID
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
    fence: int
    attempt_count: int
    crashes: int
    status: str


def claim_due(*, now: datetime, limit: int) -> Claimed:
    """Claim up to `limit` due deliveries, the longest due first.

    Due is what waits to be sent and what a dead worker left when its lease ran out. No webhook gets
    more claims than it may have requests under way; webhooks that have them are passed over.
    """
    with transaction.atomic():
        under_way, full = _under_way(now)
        due = Delivery.objects.due(now).exclude(webhook__in=full).order_by("due_at")
        rows = due.select_for_update(skip_locked=True).values_list(*_Candidate._fields)[:limit]
        candidates = [_Candidate(*row) for row in rows]
        webhooks = Webhook.objects.in_bulk({row.webhook_id for row in candidates})
        chosen = _within_caps(candidates, webhooks, under_way)
        Delivery.objects.filter(pk__in=[row.pk for row in chosen]).update(
            status=Delivery.Status.SENDING,
            due_at=now + LEASE,
            fence=F("fence") + 1,
            crashes=F("crashes") + Case(When(status=Delivery.Status.SENDING, then=1), default=0),
        )
    return Claimed(
        claims=[_claim(row, now) for row in chosen],
        webhooks=webhooks,
        is_all=len(candidates) < limit,
        is_capped=bool(full) or len(chosen) < len(candidates),
    )


def _under_way(now: datetime) -> tuple[Counter[UUID], list[UUID]]:
    """Return how many requests each webhook has under way, and which may have no more."""
    rows = (
        Delivery.objects.filter(status=Delivery.Status.SENDING, due_at__gt=now)
        .values_list("webhook", "webhook__max_in_flight")
        .annotate(count=Count("pk"))
    )
    counts: Counter[UUID] = Counter()
    full = []
    for webhook, cap, count in rows:
        counts[webhook] = count
        if count >= cap:
            full.append(webhook)
    return counts, full


def _within_caps(
    candidates: list[_Candidate], webhooks: Mapping[UUID, Webhook], under_way: Counter[UUID]
) -> list[_Candidate]:
    chosen = []
    for row in candidates:
        if under_way[row.webhook_id] < webhooks[row.webhook_id].max_in_flight:
            under_way[row.webhook_id] += 1
            chosen.append(row)
    return chosen


def _claim(row: _Candidate, now: datetime) -> Claim:
    was_left = row.status == Delivery.Status.SENDING
    return Claim(
        delivery_id=row.pk,
        event_id=row.event_id,
        webhook_id=row.webhook_id,
        fence=row.fence + 1,
        attempt_count=row.attempt_count,
        crashes=row.crashes + was_left,
        claimed_at=now,
    )
