"""The steps of the fan-out, each a short transaction of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from delivery.fanout.audience import Audience, Subscription, find_audience
from delivery.fanout.finder import has_finder
from delivery.faults import FaultPoint, pass_by
from delivery.inserting import insert
from delivery.models import Delivery
from delivery.turns import Turns, turns_of
from events.models import EventRecord, EventRecordQuerySet

logger = logging.getLogger(__name__)

_MOST_RECORDS = 100
_MOST_WAITS = 20
_WAIT_SECONDS = 0.005
# Subscriptions looked at, each for one event; there are no more deliveries than that.
_MOST_CANDIDATES = 2_000
# Patterns on long texts can take much longer than that.
_LONGEST_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class FannedOut:
    """What one step of the fan-out did: how many events it dealt with, and deliveries it made.

    `left_out` is the last event that goes on waiting: the project's webhook finder failed on it,
    its conditions take longer than a step may, or it is behind another in its order. `is_behind`
    tells that the latter is so of all that there was; `has_more` that there was more than a step
    takes; `is_all` that nothing was left, nor can have come behind these in their order.
    """

    records: int = 0
    deliveries: int = 0
    left_out: UUID | None = None
    is_behind: bool = False
    has_more: bool = False
    is_all: bool = False


class _Plan(NamedTuple):
    """Records with who is sent them; `cursor` if more is to come of the only one."""

    wanted: Sequence[tuple[EventRecord, Sequence[Subscription]]]
    cursor: UUID | None
    is_stopped: bool = False

    @property
    def records(self) -> list[EventRecord]:
        """The records alone."""
        return [record for record, _ in self.wanted]


def fan_out_steps(
    *, clock: Callable[[], datetime], events: Collection[UUID] | None = None
) -> Iterator[FannedOut]:
    """Fan out all events that wait, step by step; only those of `events`, if given.

    The oldest come first. While there is more than a step takes, every second step takes the
    newest, so that who publishes one event does not wait for the many of somebody else.

    An event that the webhook finder fails on, or whose conditions take long, is passed over, so
    that those after it are not held up, and is gone on with the next time. What is behind an event
    that another worker has is waited for, but not for long.
    """
    after = None
    waits = _MOST_WAITS
    while True:
        done = fan_out_step(now=clock(), after=after, events=events)
        if done.is_behind and not after and waits:
            # The other one may have looked for it while we had it locked.
            waits -= 1
            time.sleep(_WAIT_SECONDS)
            continue
        if not done.records and not done.left_out:
            return
        after = done.left_out or after
        yield done
        if done.is_all:
            return
        if done.has_more and not has_finder():
            yield _fan_out_newest(now=clock(), events=events)


def fan_out_step(
    *, now: datetime, after: UUID | None = None, events: Collection[UUID] | None = None
) -> FannedOut:
    """Make the deliveries of the oldest events that have none yet, a bounded number at a time.

    Safe to run twice or in several places at once: rows are locked, and a constraint allows one
    delivery for each event and webhook. An event with a large audience takes several steps, each
    committed, so that memory and transactions stay small. `after` is an event to begin behind, and
    `events` are all that may be fanned out. Nothing was left if `records` is 0 and no event was
    left out.
    """
    waiting = _waiting(events)
    if after:
        waiting = waiting.filter(pk__gt=after)
    # A finder is asked about each event by itself.
    most = 1 if has_finder() else _MOST_RECORDS
    with transaction.atomic():
        found = list(waiting.select_for_update(skip_locked=True)[:most])
        records = _in_order(found)
        if not records:
            # What is behind an event that another worker has, or that was left out, is passed over.
            left_out = found[-1].pk if found else None
            return FannedOut(left_out=left_out, is_behind=0 < len(found) < most)
        done = _fan_out(records, now=now)
    pass_by(FaultPoint.FANNED_OUT)
    has_more = done.has_more or len(found) == most or len(records) < len(found)
    # Another worker may have passed over what was behind these.
    is_ordered = any(record.ordering_key for record in records)
    is_all = not (has_more or is_ordered or done.left_out)
    return replace(done, has_more=has_more, is_all=is_all)


def _fan_out_newest(*, now: datetime, events: Collection[UUID] | None) -> FannedOut:
    """Make the deliveries of the newest events, but for those in an order or begun already."""
    newest = _waiting(events).order_by("-pk")
    with transaction.atomic():
        found = newest.select_for_update(skip_locked=True)[:_MOST_RECORDS]
        records = [each for each in found if not each.ordering_key and not each.fan_out_cursor]
        if not records:
            return FannedOut()
        done = _fan_out(records, now=now)
    pass_by(FaultPoint.FANNED_OUT)
    return done


def _waiting(events: Collection[UUID] | None) -> EventRecordQuerySet:
    waiting = EventRecord.objects.waiting_for_fan_out()
    return waiting if events is None else waiting.filter(pk__in=events)


def _fan_out(records: Sequence[EventRecord], *, now: datetime) -> FannedOut:
    """Make the deliveries of as many of some records, which are locked, as one step may."""
    audience = _audience_of(records)
    if audience is None:
        return FannedOut(left_out=records[0].pk)
    plan = _plan(audience, now=now)
    deliveries = _deliveries(plan, turns=turns_of(audience.owners), now=now)
    insert(deliveries, ignore_conflicts=True)
    pass_by(FaultPoint.DELIVERIES_MADE)
    _move_on(plan.records, cursor=plan.cursor, now=now)
    pass_by(FaultPoint.EVENT_MOVED_ON)
    return FannedOut(
        records=len(plan.records),
        deliveries=len(deliveries),
        left_out=records[0].pk if plan.is_stopped else None,
        has_more=not plan.is_stopped and (bool(plan.cursor) or len(plan.records) < len(records)),
    )


def _in_order(records: Sequence[EventRecord]) -> list[EventRecord]:
    """Leave out what is ordered behind events that wait, and are not among these."""
    ordered = [record.pk for record in records if record.ordering_key]
    if not ordered:
        return list(records)
    others = EventRecord.objects.waiting_for_fan_out().exclude(pk__in=ordered)
    before = others.filter(
        Q(owner=OuterRef("owner")) | Q(owner=None),
        ordering_key=OuterRef("ordering_key"),
        pk__lt=OuterRef("pk"),
    )
    rows = EventRecord.objects.filter(pk__in=ordered).filter(Exists(before))
    behind = set(rows.values_list("pk", flat=True))
    return [record for record in records if record.pk not in behind]


def _audience_of(records: Sequence[EventRecord]) -> Audience | None:
    """Return who wants the first of the records, None if the finder failed on it."""
    if not has_finder():
        return find_audience(records)
    try:
        # A savepoint, because it may be the finder's query that fails.
        with transaction.atomic():
            return find_audience(records)
    except Exception:
        # Whatever it is: the event is kept, and those after it are not held up.
        logger.exception("The webhook finder failed on %s.", records[0].public_id)
        return None


def _plan(audience: Audience, *, now: datetime) -> _Plan:
    """Return who is sent which of the records: as many as one step may look at."""
    until = time.monotonic() + _LONGEST_SECONDS
    wanted: list[tuple[EventRecord, Sequence[Subscription]]] = []
    candidates = 0
    for record in audience.records:
        candidates += len(audience.candidates(record))
        if wanted and candidates > _MOST_CANDIDATES:
            return _Plan(wanted, cursor=None)
        found, stopped_after = audience.wanting(record, now=now, until=until)
        if wanted and stopped_after:
            return _Plan(wanted, cursor=None)
        # What is known to fail comes last: nobody is to wait for endpoints that fail.
        found.sort(key=lambda each: each.failing_since is not None)
        wanted.append((record, found))
        if stopped_after:
            return _Plan(wanted, cursor=stopped_after, is_stopped=True)
    return _Plan(wanted, cursor=audience.cursor)


def _deliveries(plan: _Plan, *, turns: Turns, now: datetime) -> list[Delivery]:
    # As the events happened, from whichever end they were taken.
    in_order = sorted(plan.wanted, key=lambda each: each[0].pk)
    return [
        _delivery(record, each, turns=turns, now=now)
        for record, subscriptions in in_order
        for each in subscriptions
    ]


def _delivery(
    record: EventRecord, wanted: Subscription, *, turns: Turns, now: datetime
) -> Delivery:
    return Delivery(
        owner_id=wanted.owner_id,
        event_id=record.pk,
        webhook_id=wanted.webhook_id,
        payload_format=wanted.payload_format,
        selection=wanted.selection,
        ordering_key=record.ordering_key,
        due_at=turns.next(wanted.owner_id, since=min(record.recorded_at, now)),
        created_at=now,
    )


def _move_on(records: Sequence[EventRecord], *, cursor: UUID | None, now: datetime) -> None:
    rows = EventRecord.objects.filter(pk__in=[record.pk for record in records])
    if cursor:
        rows.update(fan_out_cursor=cursor)
    else:
        rows.update(fanned_out_at=now)
