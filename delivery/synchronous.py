"""Delivering here and now, for tests and scripts that want to see the result."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from delivery.engine.announce import DirectAnnouncer
from delivery.engine.appetite import Appetite
from delivery.engine.claim import Claimed, claim_due
from delivery.engine.making import make_engine
from delivery.fanout import fan_out_steps
from delivery.models import Delivery
from delivery.parking import let_out
from events.models import EventRecord

_LOOK_EVERY_SECONDS = 0.02
_MOST_NAMED = 5


def deliver_now(
    records: EventRecord | Iterable[EventRecord], *, timeout: timedelta = timedelta(seconds=30)
) -> list[Delivery]:
    """Send events in this process, and return their deliveries as they are after that.

    Every delivery has then had an attempt, or has ended, be it by the hand of a worker, or it waits
    for an earlier one of its order. After that,
    callbacks are called and signals sent here as well. Attempts that failed are not repeated here,
    but when they are due, by workers. An endpoint whose webhook is held back because it failed is
    probed with these events, one after the other until it accepts one.

    Raises `RuntimeError` within a transaction, whose events nobody else could see yet, and
    `TimeoutError` if some deliveries still wait after `timeout`; requests under way are let end.
    """
    _refuse_in_transaction()
    once = [records] if isinstance(records, EventRecord) else records
    work = _Work(
        events=frozenset(record.pk for record in once),
        ends_at=time.monotonic() + timeout.total_seconds(),
    )
    engine = make_engine(announcer=DirectAnnouncer(), claim=work.claim)
    try:
        while True:
            for _ in fan_out_steps(clock=timezone.now, events=work.events):
                pass
            engine.run_until_idle()
            if not (waiting := work.waiting()):
                break
            if work.is_over:
                raise TimeoutError(f"After {timeout.total_seconds():g} s, {waiting}.")
            let_out(events=work.events, now=timezone.now())
            time.sleep(_LOOK_EVERY_SECONDS)
    finally:
        engine.stop()
    return list(Delivery.objects.filter(event__in=work.events).order_by("pk"))


def _refuse_in_transaction() -> None:
    try:
        # Django knows the transaction that a test case runs in from one that a program has begun.
        with transaction.atomic(durable=True):
            pass
    except RuntimeError:
        raise RuntimeError(
            "deliver_now() was called within a transaction: what it would send may yet be rolled "
            "back. Call it after the commit."
        ) from None


@dataclass(frozen=True, kw_only=True)
class _Work:
    """Some events, and until when to work at them on the monotonic clock."""

    events: Collection[UUID]
    ends_at: float

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.ends_at

    def claim(
        self, *, now: datetime, limit: int, appetite: Appetite, is_fresh_only: bool
    ) -> Claimed:
        if self.is_over:
            return Claimed(claims=[], webhooks={}, is_all=True)
        return claim_due(
            now=now,
            limit=limit,
            appetite=appetite,
            is_fresh_only=is_fresh_only,
            events=self.events,
        )

    def waiting(self) -> str:
        """Say what has not been done yet; empty if all has."""
        records = EventRecord.objects.waiting_for_fan_out().filter(pk__in=self.events)
        if names := [str(record) for record in records[: _MOST_NAMED + 1]]:
            return f"the deliveries of some events have not been made: {_listed(names)}"
        rows = Delivery.objects.filter(
            event__in=self.events,
            attempt_count=0,
            is_behind=False,
            status__in=[Delivery.Status.PENDING, Delivery.Status.SENDING],
        ).order_by("pk")
        names = [
            f"{row} ({row.status}) to {row.webhook} ({row.webhook.status})"
            for row in rows.select_related("webhook")[: _MOST_NAMED + 1]
        ]
        return f"no attempt has been made of some deliveries: {_listed(names)}" if names else ""


def _listed(names: list[str]) -> str:
    more = " and more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
