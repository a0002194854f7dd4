"""Parking: deliveries that wait without a time of their own while their webhook's circuit is open.

They are out of the index that claims look through, and cost no attempts. Whoever parks or sends
on what is parked holds the webhook's row locked, so that nothing can be left behind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When

from delivery.models import Delivery, Webhook

PROBE_LOST_AFTER = timedelta(minutes=1)
"""When another probe is made if one came to nothing, as when its row was deleted."""

_MOST_PROBES = 100


def park_claimable(deliveries: Collection[UUID]) -> None:
    """Park what could be claimed, rows that are locked; also what a dead worker has left."""
    if not deliveries:
        return
    Delivery.objects.filter(pk__in=deliveries).update(
        status=Case(
            When(attempt_count=0, then=Value(Delivery.Status.PENDING)),
            default=Value(Delivery.Status.RETRYING),
        ),
        due_at=None,
        fence=F("fence") + 1,
        crashes=F("crashes") + Case(When(status=Delivery.Status.SENDING, then=1), default=0),
    )


def park_until(probes: Mapping[UUID, datetime | None]) -> None:
    """Park what would be due before its webhook's next probe."""
    if probes:
        which = (Q(webhook=pk, due_at__lt=probe_at) for pk, probe_at in probes.items())
        Delivery.objects.waiting().filter(reduce(or_, which)).update(due_at=None)


def send_parked(webhooks: Collection[UUID], *, now: datetime) -> int:
    """Make all that is parked due; return how many deliveries that are."""
    if not webhooks:
        return 0
    return Delivery.objects.parked().filter(webhook__in=webhooks).update(due_at=now)


def let_out_probes(*, now: datetime) -> None:
    """Make one delivery due for each webhook whose next probe is.

    It is the one that was tried the least, and of these the one that waits longest: what an
    endpoint always refuses must not be its every probe, and attempts are spent evenly. If nothing
    is parked, the next delivery that comes due is the probe. Statements are of a constant number,
    and only one if there is nothing to do.
    """
    if not Webhook.objects.probes_due(now).exists():
        return
    parked = Delivery.objects.parked().filter(webhook=OuterRef("pk"))
    first = parked.order_by("attempt_count", "pk").values("pk")[:1]
    due = Webhook.objects.probes_due(now).order_by("probe_at").annotate(first=Subquery(first))
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True, no_key=True).values_list("pk", "first")
        found = dict(rows[:_MOST_PROBES])
        probes = {webhook: delivery for webhook, delivery in found.items() if delivery}
        Delivery.objects.parked().filter(pk__in=probes.values()).update(due_at=now)
        _half_open(probes, probe_at=now + PROBE_LOST_AFTER)
        _half_open(found.keys() - probes.keys(), probe_at=None)


def begin_probe(webhook: Webhook, *, now: datetime) -> None:
    """Let what a person wants sent now be the probe of a webhook, whose row is locked."""
    if webhook.is_parking:
        webhook.circuit, webhook.probe_at = Webhook.Circuit.HALF_OPEN, now + PROBE_LOST_AFTER
        webhook.save(update_fields=["circuit", "probe_at"])


def let_out(*, events: Collection[UUID], now: datetime) -> None:
    """Make due what was never tried of some events, one after the other, each as a probe."""
    mine = Delivery.objects.parked().filter(
        event__in=events, attempt_count=0, webhook__status=Webhook.Status.ACTIVE
    )
    if not mine.exists():
        return
    with transaction.atomic():
        rows = Webhook.objects.filter(pk__in=mine.values("webhook")).order_by("pk")
        webhooks = {each.pk: each for each in rows.select_for_update(no_key=True)}
        mine.filter(webhook__in=webhooks).update(due_at=now)
        parking = [pk for pk, webhook in webhooks.items() if webhook.is_parking]
        _half_open(parking, probe_at=now + PROBE_LOST_AFTER)


def _half_open(webhooks: Collection[UUID], *, probe_at: datetime | None) -> None:
    if webhooks:
        Webhook.objects.filter(pk__in=webhooks).update(
            circuit=Webhook.Circuit.HALF_OPEN, probe_at=probe_at
        )
