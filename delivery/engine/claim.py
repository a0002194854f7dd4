"""Claiming: taking due deliveries so that exactly one worker sends each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q

from delivery.engine.appetite import Appetite, PlainAppetite, cap
from delivery.engine.order import find_behind, let_first_go, put_behind
from delivery.engine.sorting import Candidate, Sorted, is_suspect, sort_out
from delivery.faults import FaultPoint, pass_by
from delivery.formats.rendering import Form
from delivery.models import Delivery, Webhook
from delivery.models.delivery import DeliveryQuerySet
from delivery.parking import park

LEASE_MARGIN = timedelta(seconds=5)
"""How much longer than the webhook's timeout a claim lasts: time to start, and to record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A delivery that this worker holds for a while, proved by its fencing number.

    `turn` is where it stood in the queue.
    """

    delivery_id: UUID
    event_id: UUID
    webhook_id: UUID
    form: Form
    fence: int
    attempt_count: int
    crashes: int
    is_ordered: bool
    turn: datetime
    claimed_at: datetime

    @property
    def is_suspect(self) -> bool:
        """Whether more than one worker has died with it in a row: it may be the cause."""
        return is_suspect(self.crashes)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What one look for due deliveries gave: claims, and the webhooks they go to.

    `is_all` is False if there may be more that could be claimed now; `is_held_up` is True if that
    is in the hands of other workers alone. `is_capped` is True if some were left because their
    webhooks or owners have as many requests under way as they may, or if some may have been because
    workers have died with them.
    """

    claims: list[Claim]
    webhooks: Mapping[UUID, Webhook]
    is_all: bool
    is_held_up: bool = False
    is_capped: bool = False


class ClaimDue(Protocol):
    """A way to claim due deliveries: `claim_due`, or one that leaves some of them to others."""

    def __call__(
        self, *, now: datetime, limit: int, appetite: Appetite, is_fresh_only: bool
    ) -> Claimed:
        """Claim up to `limit` due deliveries."""


_PLAIN = PlainAppetite()


def claim_due(
    *,
    now: datetime,
    limit: int,
    appetite: Appetite = _PLAIN,
    is_fresh_only: bool = False,
    events: Collection[UUID] | None = None,
) -> Claimed:
    """Claim up to `limit` due deliveries in the order of their turns; only of `events`, if given.

    Due is what is fresh, what waits to be sent again, unless only the former is asked for, and what
    a dead worker left when its lease ran out. No webhook gets
    more claims than the appetite for it. What goes to webhooks at rest is parked, and what is due
    beyond if there is much of it: so each look costs the same however much waits for whom.
    """
    with transaction.atomic(savepoint=False):
        candidates = _candidates(now=now, limit=limit, events=events, is_fresh_only=is_fresh_only)
        webhooks = _lock_webhooks(candidates)
        under_way = _under_way(webhooks, now=now)
        found = sort_out(
            candidates,
            webhooks=webhooks,
            under_way=under_way,
            behind=find_behind([row.pk for row in candidates if row.ordering_key]),
            appetite=appetite,
        )
        _claim(found.chosen, webhooks=webhooks, now=now)
        is_full = len(candidates) == limit
        beyond = found.surplus
        if not is_full:
            # Who wants certain events looks for them again and again by itself.
            beyond = _left_to_others(found, webhooks, under_way, appetite) if events is None else []
        parked = [*found.resting, *found.too_fast, *beyond]
        theirs = {row.webhook_id: webhooks[row.webhook_id] for row in parked}
        park([row.pk for row in parked], webhooks=theirs.values(), now=now)
        behind = [row.pk for row in found.behind]
        put_behind(behind)
        let_go = let_first_go(behind, now=now)
        pass_by(FaultPoint.CLAIMED)
    moved = len(found.chosen) + len(parked) + len(found.behind)
    return Claimed(
        claims=[_as_claim(row, now) for row in found.chosen],
        webhooks=webhooks,
        is_all=not found.contended and not (is_full and moved) and not let_go,
        is_held_up=bool(found.contended) and not moved,
        is_capped=bool(found.held or found.surplus),
    )


def _candidates(
    *, now: datetime, limit: int, events: Collection[UUID] | None, is_fresh_only: bool
) -> list[Candidate]:
    """Lock what is due: what is fresh, and what was tried before, half of each if there is."""
    wanted = Q() if events is None else Q(event__in=events)

    def first(rows: DeliveryQuerySet, most: int = limit) -> list[Candidate]:
        locked = rows.filter(wanted).select_for_update(skip_locked=True)
        return [Candidate(*row) for row in locked.values_list(*Candidate._fields)[:most]]

    fresh = first(Delivery.objects.due(Delivery.Status.PENDING, now=now))
    if is_fresh_only:
        return fresh
    abandoned = Delivery.objects.due(Delivery.Status.SENDING, now=now)
    tried = [
        # Few of them are claimed at once, and the rest must not stand before all others.
        *first(abandoned.filter(crashes__gt=0), max(1, limit // 4)),
        *first(abandoned.filter(crashes=0)),
        *first(Delivery.objects.due(Delivery.Status.RETRYING, now=now)),
    ]
    # Whoever fails must not keep those waiting that do not, nor the other way round.
    fresh = fresh[: max(limit - len(tried), limit - limit // 2)]
    return [*fresh, *tried[: limit - len(fresh)]]


def _left_to_others(
    found: Sorted,
    webhooks: Mapping[UUID, Webhook],
    under_way: Mapping[UUID, int],
    appetite: Appetite,
) -> list[Candidate]:
    """Return what is beyond the caps of webhooks because of requests of others alone.

    They send it on as theirs ends, once it is parked, but for what has a pace. The rest may stay:
    it is little and hides nothing, and is looked for by us after our own, or by whoever has more
    than the cap in stock.
    """
    ours = {row.webhook_id for row in found.chosen}

    def is_theirs(webhook: Webhook) -> bool:
        has_stock = under_way[webhook.pk] > cap(webhook)
        has_pace = webhook.max_requests_per_minute is not None
        return not has_stock and not has_pace and not appetite.has_some_of(webhook.pk)

    return [
        row
        for row in found.surplus
        if row.webhook_id not in ours and is_theirs(webhooks[row.webhook_id])
    ]


def _lock_webhooks(candidates: Iterable[Candidate]) -> Mapping[UUID, Webhook]:
    """Return the webhooks of candidates, but for those that another worker is claiming for.

    Two workers that counted at once would both find room. Nobody waits here: the deliveries of
    what is locked are left for the next look.
    """
    rows = Webhook.objects.filter(pk__in={row.webhook_id for row in candidates})
    return {row.pk: row for row in rows.select_for_update(skip_locked=True, no_key=True)}


def _under_way(webhooks: Collection[UUID], *, now: datetime) -> Counter[UUID]:
    """Return how many deliveries of some webhooks, whose rows are locked, workers hold."""
    held = Delivery.objects.filter(status=Delivery.Status.SENDING, due_at__gt=now)
    rows = held.filter(webhook__in=webhooks).values_list("webhook")
    return Counter(dict(rows.annotate(count=Count("pk"))))


def _claim(chosen: Iterable[Candidate], *, webhooks: Mapping[UUID, Webhook], now: datetime) -> None:
    alike: defaultdict[tuple[timedelta, bool], list[UUID]] = defaultdict(list)
    for row in chosen:
        alike[webhooks[row.webhook_id].timeout, row.is_abandoned].append(row.pk)
    for (timeout, is_abandoned), keys in alike.items():
        changes = {"crashes": F("crashes") + 1} if is_abandoned else {}
        Delivery.objects.filter(pk__in=keys).update(
            status=Delivery.Status.SENDING,
            due_at=now + timeout + LEASE_MARGIN,
            fence=F("fence") + 1,
            **changes,
        )


def _as_claim(row: Candidate, now: datetime) -> Claim:
    return Claim(
        delivery_id=row.pk,
        event_id=row.event_id,
        webhook_id=row.webhook_id,
        form=Form(payload_format=row.payload_format, selection=row.selection),
        fence=row.fence + 1,
        attempt_count=row.attempt_count,
        crashes=row.crashes_by_now,
        is_ordered=bool(row.ordering_key),
        turn=row.due_at,
        claimed_at=now,
    )
