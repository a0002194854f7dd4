"""Fan-out: from event records to one delivery for each webhook that wants the event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from delivery.models import Delivery, EventSubscription, Webhook
from events.models import EventRecord

_MOST_RECORDS = 100
_MOST_SUBSCRIBERS = 1_000
_MOST_DELIVERIES = 2_000


@dataclass(frozen=True, kw_only=True)
class FannedOut:
    """What one step of the fan-out did: how many events it dealt with, and deliveries it made."""

    records: int
    deliveries: int


def fan_out_step(*, now: datetime) -> FannedOut:
    """Make the deliveries of the oldest events that have none yet, a bounded number at a time.

    Safe to run twice or in several places at once: rows are locked, and a constraint allows one
    delivery for each event and webhook. An event with a large audience takes several steps, each
    committed, so that memory and transactions stay small. Nothing was left if `records` is 0.
    """
    with transaction.atomic():
        waiting = EventRecord.objects.waiting_for_fan_out()
        records = list(waiting.select_for_update(skip_locked=True)[:_MOST_RECORDS])
        if not records:
            return FannedOut(records=0, deliveries=0)
        audience = _find_audience(records)
        deliveries = _plan(audience, now=now)
        Delivery.objects.bulk_create(
            deliveries, batch_size=_MOST_SUBSCRIBERS, ignore_conflicts=True
        )
        _move_on(audience, now=now)
    return FannedOut(records=len(audience.records), deliveries=len(deliveries))


class _Subscriber(NamedTuple):
    """A webhook that wants a type of event."""

    webhook_id: UUID
    owner_id: Any
    active_since: datetime
    event_type: str


class _Audience:
    """Some event records and who wants them, or the next part of who wants the first."""

    def __init__(self, records: Sequence[EventRecord]) -> None:
        self.records = records
        self.subscribers = _subscribers(records)
        self.has_more = len(self.subscribers) == _MOST_SUBSCRIBERS
        self._by_owner: dict[tuple[str, object], list[_Subscriber]] = defaultdict(list)
        for subscriber in self.subscribers:
            self._by_owner[subscriber.event_type, subscriber.owner_id].append(subscriber)
            self._by_owner[subscriber.event_type, None].append(subscriber)

    def of(self, record: EventRecord) -> list[_Subscriber]:
        """Return who is sent a record; its owner is None for everyone's."""
        known = self._by_owner.get((record.event_type, record.owner_id), [])
        return [who for who in known if who.active_since <= record.recorded_at]


def _find_audience(records: Sequence[EventRecord]) -> _Audience:
    """Return the first of the records whose audience one step can take, be it one in part."""
    count = 1 if records[0].fan_out_cursor else len(records)
    audience = _Audience(records[:count])
    while audience.has_more and count > 1:
        count //= 2
        audience = _Audience(records[:count])
    return audience


def _subscribers(records: Sequence[EventRecord]) -> list[_Subscriber]:
    owners = {record.owner_id for record in records}
    of_owners = Q() if None in owners else Q(webhook__owner__in=owners)
    cursor = records[0].fan_out_cursor
    rows = (
        EventSubscription.objects.filter(
            of_owners,
            Q(webhook__gt=cursor) if cursor else Q(),
            event_type__in={record.event_type for record in records},
            webhook__status=Webhook.Status.ACTIVE,
        )
        .order_by("webhook_id")
        .distinct()
        .values_list("webhook_id", "webhook__owner", "webhook__active_since", "event_type")
    )
    return [_Subscriber(*row) for row in rows[:_MOST_SUBSCRIBERS]]


def _plan(audience: _Audience, *, now: datetime) -> list[Delivery]:
    deliveries: list[Delivery] = []
    for count, record in enumerate(audience.records):
        wanting = audience.of(record)
        if count and len(deliveries) + len(wanting) > _MOST_DELIVERIES:
            audience.records = audience.records[:count]
            break
        deliveries += [
            Delivery(
                owner_id=who.owner_id,
                event=record,
                webhook_id=who.webhook_id,
                due_at=now,
                created_at=now,
            )
            for who in wanting
        ]
    return deliveries


def _move_on(audience: _Audience, *, now: datetime) -> None:
    rows = EventRecord.objects.filter(pk__in=[record.pk for record in audience.records])
    if audience.has_more:
        rows.update(fan_out_cursor=audience.subscribers[-1].webhook_id)
    else:
        rows.update(fanned_out_at=now)
