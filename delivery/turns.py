"""Turns: where deliveries stand in the queue, so that no owner waits behind what others have.

The queue is in the order of `due_at`. A delivery may stand before what waits already, at a time in
the past: that of the queue's head. Those of one owner follow each other by the smallest step there
is. So the first of an owner stands with the first of everybody else, and an owner with a hundred
thousand takes turns with the others. It is start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM
1996) with one turn for each delivery.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Case, OuterRef, QuerySet, Subquery, When

from delivery.models import Delivery
from events.conf import owner_model

_STEP = timedelta(microseconds=1)


class Turns:
    """Gives out the next turns of some owners."""

    def __init__(self, *, head: datetime | None, last: Mapping[object, datetime | None]) -> None:
        self._head = head
        self._last = dict(last)

    def next(self, owner_id: object, *, since: datetime) -> datetime:
        """Return the next turn of an owner, for something that happened at `since`.

        That moment itself, for the first one, if nobody waits.
        """
        self._head = turn = min(self._head or since, since)
        if last := self._last.get(owner_id):
            turn = max(turn, last + _STEP)
        self._last[owner_id] = turn
        return turn


def turns_of(owners: Collection[object]) -> Turns:
    """Return the next turns of some owners, behind what they have in the queue already."""
    turns = list(_turns().filter(pk__in=owners))
    return Turns(
        head=turns[0][2] if turns else None, last={owner_id: last for owner_id, last, _ in turns}
    )


# Put together once: for a lone event that takes Django as long as PostgreSQL takes to answer.
@functools.cache
def _turns() -> QuerySet[Any, Any]:
    """Return each owner with their newest turn and that of the queue's head."""
    newest = Delivery.objects.filter(owner=OuterRef("pk")).order_by("-pk")
    # What has been tried, is being sent or was put aside has left the queue.
    turn = newest.annotate(turn=Case(When(status=Delivery.Status.PENDING, then="due_at")))
    owners = apps.get_model(owner_model())._base_manager  # noqa: SLF001 - Django's public name for it
    rows = owners.annotate(last=Subquery(turn.values("turn")[:1]), head=Subquery(_head()))
    found: QuerySet[Any, Any] = rows.values_list("pk", "last", "head")
    return found


def front_of_queue(*, now: datetime) -> datetime:
    """Return a turn among the next there are."""
    head = _head().first()
    return min(head, now) if head else now


def _head() -> QuerySet[Delivery, datetime | None]:
    queue = Delivery.objects.filter(status=Delivery.Status.PENDING, due_at__isnull=False)
    return queue.order_by("due_at").values_list("due_at", flat=True)[:1]
