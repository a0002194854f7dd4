"""Who wants an event: the subscriptions to its type, and the conditions they have."""

from __future__ import annotations

import functools
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import FilteredRelation, Q, QuerySet

from delivery.conditions.condition import dump_conditions
from delivery.conditions.evaluation import compile_conditions
from delivery.fanout.finder import find_webhooks
from delivery.models import EventSubscription, Webhook
from events.fields import JsonValue
from events.models import EventRecord

_MOST_SUBSCRIPTIONS = 1_000
_UNCONDITIONAL = dump_conditions(())


class Subscription(NamedTuple):
    """A type of event that a webhook wants, and what a delivery must know of both."""

    webhook_id: UUID
    owner_id: Any
    active_since: datetime
    failing_since: datetime | None
    payload_format: str
    event_type: str
    conditions: str
    selection: str


class Wanting(NamedTuple):
    """Subscriptions by which a record is sent, and the last webhook if not all were looked at."""

    subscriptions: list[Subscription]
    stopped_after: UUID | None


_COLUMNS = (
    "webhook_id",
    "joined__owner",
    "joined__active_since",
    "joined__failing_since",
    "joined__payload_format",
    "event_type",
    "conditions",
    "selection",
)


class Audience:
    """Some event records and the subscriptions to them, or the next part of those to the first.

    `cursor` is the last webhook of a part, None if there is no more to come.
    """

    def __init__(
        self,
        records: Sequence[EventRecord],
        subscriptions: Iterable[Subscription],
        *,
        cursor: UUID | None,
    ) -> None:
        self.records = records
        self.cursor = cursor
        self._by_owner: dict[tuple[str, object], list[Subscription]] = defaultdict(list)
        for each in subscriptions:
            self._by_owner[each.event_type, each.owner_id].append(each)
            self._by_owner[each.event_type, None].append(each)

    @property
    def owners(self) -> set[object]:
        """The owners of all subscriptions."""
        return {owner_id for _, owner_id in self._by_owner if owner_id is not None}

    def candidates(self, record: EventRecord) -> list[Subscription]:
        """Return the subscriptions to a record's type; its owner is None for everyone's."""
        return self._by_owner.get((record.event_type, record.owner_id), [])

    def wanting(self, record: EventRecord, *, now: datetime, until: float) -> Wanting:
        """Return by which subscriptions a record is sent.

        They are of different webhooks: of several that a webhook has, the first one counts whose
        conditions are met. Whole webhooks are looked at, one at least, and no more once it is
        `until` on the monotonic clock.
        """
        payload = _Payload(record)
        found: dict[UUID, Subscription] = {}
        last = None
        for each in self.candidates(record):
            if last not in (None, each.webhook_id) and time.monotonic() > until:
                return Wanting(list(found.values()), stopped_after=last)
            last = each.webhook_id
            is_new = each.webhook_id not in found
            if is_new and _was_active(each, record, now=now) and payload.meets(each.conditions):
                found[each.webhook_id] = each
        return Wanting(list(found.values()), stopped_after=None)


def _was_active(each: Subscription, record: EventRecord, *, now: datetime) -> bool:
    # What is active since a moment to come was made before the clock went back, or where it is
    # ahead of ours: it may have been there, and no event may be lost by a clock.
    return each.active_since <= record.recorded_at or each.active_since > now


class _Payload:
    """A record's payload: parsed once, if at all, and tried by the same conditions once."""

    def __init__(self, record: EventRecord) -> None:
        self._record = record
        self._met = {_UNCONDITIONAL: True}

    def meets(self, conditions: str) -> bool:
        """Return whether conditions, as they are stored, are met."""
        if conditions not in self._met:
            compiled = compile_conditions(self._record.event_type, conditions)
            self._met[conditions] = compiled.are_met(self._parsed)
        return self._met[conditions]

    @functools.cached_property
    def _parsed(self) -> JsonValue:
        try:
            parsed: JsonValue = json.loads(self._record.payload)
        except (ValueError, RecursionError):
            return None
        return parsed


def find_audience(records: Sequence[EventRecord]) -> Audience:
    """Return the first of the records whose audience one step can take, be it one in part.

    The project's webhook finder, if there is one, is asked about the first record: it must then be
    the only one. Whatever it raises is raised.
    """
    # One that was begun goes by itself, wherever it stands.
    fresh = itertools.takewhile(lambda record: not record.fan_out_cursor, records)
    count = max(len(list(fresh)), 1)
    rows = _rows(records[:count])
    part = _read(rows[:_MOST_SUBSCRIPTIONS])
    while len(part) == _MOST_SUBSCRIPTIONS and count > 1:
        count //= 2
        rows = _rows(records[:count])
        part = _read(rows[:_MOST_SUBSCRIPTIONS])
    if len(part) < _MOST_SUBSCRIPTIONS:
        return Audience(records[:count], part, cursor=None)
    # The last webhook may have more of them, which the next part would not look at.
    last = part[-1].webhook_id
    others = [each for each in part if each.webhook_id != last]
    return Audience(records[:count], [*others, *_read(rows.filter(webhook=last))], cursor=last)


def _read(rows: QuerySet[Any, Any]) -> list[Subscription]:
    return [Subscription(*row) for row in rows]


def _rows(records: Sequence[EventRecord]) -> QuerySet[Any, Any]:
    owners = {record.owner_id for record in records}
    cursor = records[0].fan_out_cursor
    found = find_webhooks(records[0])
    return _active().filter(
        Q() if None in owners else Q(joined__owner__in=owners),
        # In both tables, so that a plan that merges them begins with neither at its start.
        Q(webhook__gt=cursor, joined__pk__gt=cursor) if cursor else Q(),
        Q() if found is None else Q(webhook__in=found),
        event_type__in={record.event_type for record in records},
    )


# Put together once: for a lone event that takes Django as long as PostgreSQL takes to answer.
@functools.cache
def _active() -> QuerySet[Any, Any]:
    """Return the subscriptions of active webhooks, in the order of those."""
    return (
        # Only by a name of its own does the table of webhooks keep its own column beside ours.
        EventSubscription.objects.alias(joined=FilteredRelation("webhook"))
        .filter(joined__status=Webhook.Status.ACTIVE)
        .order_by("webhook_id", "pk")
        .values_list(*_COLUMNS)
    )
