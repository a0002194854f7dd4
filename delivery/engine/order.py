"""Order: deliveries of one key to one webhook are sent one after another, as events happened.

What is behind an earlier one has no time of its own. It is put there and let go of while the
webhook's row is locked, so that neither can miss the other.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from delivery.models import Delivery
from delivery.turns import front_of_queue


def find_behind(deliveries: Collection[UUID]) -> set[UUID]:
    """Return those of some deliveries that may not be sent before others of their keys have ended.

    That is what is of an earlier event, and what is being sent.
    """
    if not deliveries:
        return set()
    others = _of_same_key().exclude(pk=OuterRef("pk"))
    before = others.filter(Q(event__lt=OuterRef("event")) | Q(status=Delivery.Status.SENDING))
    rows = Delivery.objects.filter(pk__in=deliveries).filter(Exists(before))
    return set(rows.values_list("pk", flat=True))


def put_behind(deliveries: Collection[UUID]) -> None:
    """Take deliveries out of the queue until others of their keys have ended."""
    if deliveries:
        Delivery.objects.filter(pk__in=deliveries).withdraw(is_behind=True)


def let_first_go(deliveries: Collection[UUID], *, now: datetime) -> int:
    """Make due what is first of the keys of some deliveries, if it is behind; return how many.

    To be called when these have ended, were given back, are to be sent again or were put behind:
    what is behind may be of an earlier event, as one that was retried by hand while they were sent.
    Nothing is let go while one of its key is being sent.
    """
    if not deliveries:
        return 0
    first = _of_same_key().order_by("event")
    sending = _of_same_key().filter(status=Delivery.Status.SENDING)
    rows = Delivery.objects.filter(pk__in=deliveries).exclude(Exists(sending))
    found = rows.annotate(
        first=Subquery(first.values("pk")[:1]), is_kept=Subquery(first.values("is_behind")[:1])
    )
    following = set(found.filter(is_kept=True).values_list("first", flat=True))
    if not following:
        return 0
    return _let_go(Delivery.objects.filter(pk__in=following), now=now)


def let_orphans_go(*, now: datetime) -> int:
    """Make due what is behind nothing any more, as when a row was deleted by hand."""
    before = _of_same_key().filter(is_behind=False)
    return _let_go(Delivery.objects.filter(is_behind=True).exclude(Exists(before)), now=now)


def _of_same_key() -> QuerySet[Delivery]:
    return Delivery.objects.exclude(ordering_key="").filter(
        webhook=OuterRef("webhook"), ordering_key=OuterRef("ordering_key"), completed_at=None
    )


def _let_go(deliveries: QuerySet[Delivery], *, now: datetime) -> int:
    return deliveries.update(is_behind=False, due_at=front_of_queue(now=now))
