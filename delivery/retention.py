"""Retention: removing what ended long ago, and old audit entries, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from delivery.models import Attempt, AuditEntry, Delivery
from delivery.signing_secrets import delete_expired_secrets
from events.ids import earliest_id
from events.models import EventRecord

_MOST_EVENTS = 500
# Each has up to a hundred attempts.
_MOST_DELIVERIES = 200
_MOST_AUDIT_ENTRIES = 500
# Whatever else there is or will be, such as waiting, has not ended.
_ENDED = (Delivery.Status.SUCCEEDED, Delivery.Status.FAILED, Delivery.Status.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """How many rows were removed, or would be."""

    events: int = 0
    deliveries: int = 0
    attempts: int = 0
    audit_entries: int = 0

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(
            events=self.events + other.events,
            deliveries=self.deliveries + other.deliveries,
            attempts=self.attempts + other.attempts,
            audit_entries=self.audit_entries + other.audit_entries,
        )

    def __str__(self) -> str:
        return (
            f"{self.events} events, {self.deliveries} deliveries, {self.attempts} attempts "
            f"and {self.audit_entries} audit entries"
        )


def prune(*, now: datetime, keep_for: timedelta) -> Iterator[Pruned]:
    """Remove events that were recorded longer ago than `keep_for`, with all that came of them.

    An event stays while one of its deliveries waits or is being sent, or has yet to be made. Each
    step is one short transaction and gives what it removed; who stops asking stops the pruning.
    Safe in several places at once: what another holds is left to it, or to the next time.
    """
    for events in _ended_events(before=_boundary(now=now, keep_for=keep_for)):
        # Children first: an event is there for as long as anything points at it.
        while (removed := _remove_deliveries(events)).deliveries:
            yield removed
        if (removed := _remove_events(events)).events:
            yield removed


def count_prunable(*, now: datetime, keep_for: timedelta) -> Pruned:
    """Return what `prune` would remove."""
    found = Pruned()
    for events in _ended_events(before=_boundary(now=now, keep_for=keep_for)):
        found += Pruned(
            events=len(events),
            deliveries=Delivery.objects.filter(event__in=events).count(),
            attempts=Attempt.objects.filter(delivery__event__in=events).count(),
        )
    return found


def prune_audit_trail(*, now: datetime, keep_for: timedelta) -> Iterator[Pruned]:
    """Remove audit entries that were written longer ago than `keep_for`.

    In short steps, each giving what it removed, and safe in several places at once, as `prune` is.
    """
    before = _boundary(now=now, keep_for=keep_for)
    while (removed := _remove_audit_entries(before=before)).audit_entries:
        yield removed


def count_prunable_audit_trail(*, now: datetime, keep_for: timedelta) -> Pruned:
    """Return what `prune_audit_trail` would remove."""
    old = AuditEntry.objects.filter(pk__lt=_boundary(now=now, keep_for=keep_for))
    return Pruned(audit_entries=old.count())


def prune_all(*, now: datetime, keep_for: timedelta, keep_audit_for: timedelta) -> Iterator[Pruned]:
    """Remove all that is past its time: events, audit entries, and secrets that sign no more."""
    delete_expired_secrets(now=now)
    yield from prune(now=now, keep_for=keep_for)
    yield from prune_audit_trail(now=now, keep_for=keep_audit_for)


def _boundary(*, now: datetime, keep_for: timedelta) -> UUID:
    try:
        return earliest_id(now - keep_for)
    except OverflowError:  # Before the calendar begins, where nothing was recorded.
        return UUID(int=0)


def _ended_events(*, before: UUID) -> Iterator[list[UUID]]:
    """Give the keys of events that nothing will be done about any more, the oldest first."""
    # Keys are in the order of recording, and the index that is walked here is the table's own.
    after = UUID(int=0)
    while True:
        rows = EventRecord.objects.filter(pk__gt=after, pk__lt=before, fanned_out_at__isnull=False)
        page = list(rows.order_by("pk").values_list("pk", flat=True)[:_MOST_EVENTS])
        if not page:
            return
        under_way = Delivery.objects.filter(event__in=page).exclude(status__in=_ENDED)
        kept = set(under_way.values_list("event_id", flat=True).distinct())
        yield [pk for pk in page if pk not in kept]
        after = page[-1]


def _remove_deliveries(events: list[UUID]) -> Pruned:
    with transaction.atomic():
        # Asked again, under the lock: one may have been retried by hand since.
        rows = Delivery.objects.filter(event__in=events, status__in=_ENDED)
        locked = rows.select_for_update(skip_locked=True).values_list("pk", flat=True)
        found = list(locked[:_MOST_DELIVERIES])
        _, counts = Delivery.objects.filter(pk__in=found).delete()
    attempts = counts.get(Attempt._meta.label, 0)  # noqa: SLF001 - Django's public name for it
    return Pruned(deliveries=len(found), attempts=attempts)


def _remove_events(events: list[UUID]) -> Pruned:
    with transaction.atomic():
        # Locked before the look at their deliveries: none can be added from then on.
        rows = EventRecord.objects.filter(pk__in=events).select_for_update(skip_locked=True)
        locked = list(rows.values_list("pk", flat=True))
        deliveries = Delivery.objects.filter(event__in=locked)
        kept = set(deliveries.values_list("event_id", flat=True).distinct())
        found = [pk for pk in locked if pk not in kept]
        # Without their payloads, which can be large.
        EventRecord.objects.filter(pk__in=found).only("pk").delete()
    return Pruned(events=len(found))


def _remove_audit_entries(*, before: UUID) -> Pruned:
    with transaction.atomic():
        rows = AuditEntry.objects.filter(pk__lt=before).order_by("pk")
        locked = rows.select_for_update(skip_locked=True).values_list("pk", flat=True)
        found = list(locked[:_MOST_AUDIT_ENTRIES])
        AuditEntry.objects.filter(pk__in=found).delete()
    return Pruned(audit_entries=len(found))
