"""Sorting what is due: what is claimed now, and what becomes of the rest. Decided in plain code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from delivery.engine.appetite import Appetite
from delivery.models import Delivery, Webhook


class Candidate(NamedTuple):
    """A delivery that is due, and locked; the names are those of the columns."""

    pk: UUID
    owner_id: Any
    event_id: UUID
    webhook_id: UUID
    payload_format: str
    selection: str
    fence: int
    attempt_count: int
    crashes: int
    status: str
    due_at: datetime
    ordering_key: str

    @property
    def is_abandoned(self) -> bool:
        """Whether a worker had claimed it, and its lease has run out."""
        return self.status == Delivery.Status.SENDING

    @property
    def crashes_by_now(self) -> int:
        """How many workers have died with it in a row, this one included."""
        return self.crashes + self.is_abandoned


def is_suspect(crashes: int) -> bool:
    """Return whether a delivery may be what its workers died of, by how many in a row did."""
    return crashes > 1


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """What becomes of candidates.

    Not claimed are those behind others of their keys, those of webhooks at rest, those beyond what
    webhooks may have claimed, those too many for the pace of their webhooks, those that another
    worker is at, and those held: of owners who have enough under way, and suspects beyond the few
    that may be.
    """

    chosen: list[Candidate] = field(default_factory=list)
    behind: list[Candidate] = field(default_factory=list)
    resting: list[Candidate] = field(default_factory=list)
    surplus: list[Candidate] = field(default_factory=list)
    too_fast: list[Candidate] = field(default_factory=list)
    contended: list[Candidate] = field(default_factory=list)
    held: list[Candidate] = field(default_factory=list)


def sort_out(
    candidates: Iterable[Candidate],
    *,
    webhooks: Mapping[UUID, Webhook],
    under_way: Counter[UUID],
    behind: AbstractSet[UUID],
    appetite: Appetite,
) -> Sorted:
    """Sort candidates: `webhooks` are those that nobody else is at, `behind` is found elsewhere."""
    rooms = {
        pk: appetite.room(webhook, under_way=under_way[pk]) for pk, webhook in webhooks.items()
    }
    found = Sorted()
    room_for_suspects = appetite.room_for_suspects
    wanted: defaultdict[UUID, list[Candidate]] = defaultdict(list)
    for row in candidates:
        if row.webhook_id not in webhooks:
            found.contended.append(row)
        elif not webhooks[row.webhook_id].is_active:
            # Not to be sent: it is given back, as its webhook wants. Parked, it would stay for ever
            # if that was cancelled.
            found.chosen.append(row)
        elif row.pk in behind:
            found.behind.append(row)
        elif webhooks[row.webhook_id].is_parking:
            found.resting.append(row)
        elif rooms[row.webhook_id] <= len(wanted[row.webhook_id]):
            found.surplus.append(row)
        elif appetite.is_held(row.owner_id) or (
            is_suspect(row.crashes_by_now) and room_for_suspects <= 0
        ):
            found.held.append(row)
        else:
            room_for_suspects -= is_suspect(row.crashes_by_now)
            wanted[row.webhook_id].append(row)
    for pk, rows in wanted.items():
        count = appetite.take(webhooks[pk], wanted=len(rows))
        found.chosen.extend(rows[:count])
        found.too_fast.extend(rows[count:])
    return found
