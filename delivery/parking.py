"""Parking: deliveries that wait without a time of their own while their webhook's circuit is open.

They are out of the index that claims look through, and cost no attempts. Whoever parks or sends
on what is parked holds the webhook's row locked, so that nothing can be left behind; and does so
for a part at a time, since all that waits for an endpoint may be a hundred thousand rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Subquery, Value, When

from delivery.models import Delivery, Webhook
from delivery.models.delivery import DeliveryQuerySet
from delivery.models.webhook import WebhookQuerySet

PROBE_LOST_AFTER = timedelta(minutes=1)
"""When another probe is made if one came to nothing, as when its row was deleted."""

PART = 1_000
"""How many deliveries are parked or sent on at a time: what takes some 20 ms."""

_MOST_PROBES = 100


def tend_parked(*, now: datetime) -> bool:
    """Park what is due and may not be sent, let probes out, and send on what may be sent again.

    No more than a part; returns whether there may be more to do. In calm that is one statement.
    """
    if not Webhook.objects.filter(probe_at__isnull=False).exists():
        return False
    # What is due is parked first, so that it can be chosen as the probe.
    has_parked_all = _park_due(now)
    return not _move_on(now) or not has_parked_all


def park_until(probes: Mapping[UUID, datetime | None]) -> None:
    """Park a part of what would be due before the next probes of webhooks that are locked."""
    if moments := [probe_at for probe_at in probes.values() if probe_at]:
        webhooks = Webhook.objects.filter(pk__in=probes, probe_at__gt=OuterRef("due_at"))
        part = _lock_part(Delivery.objects.waiting().due(max(moments)), webhooks)
        Delivery.objects.filter(pk__in=part).update(due_at=None)


def send_parked(webhooks: Collection[UUID], *, now: datetime) -> bool:
    """Make due what is parked for webhooks, whose rows are locked; return whether that was all.

    If not, `tend_parked` goes on with it: `probe_at` of the webhooks tells it to.
    """
    if not webhooks:
        return True
    parked = Delivery.objects.parked().filter(webhook__in=webhooks)
    first = parked.order_by("webhook", "attempt_count", "pk")
    part = list(first.select_for_update().values_list("pk", flat=True)[:PART])
    Delivery.objects.filter(pk__in=part).update(due_at=now)
    is_all = len(part) < PART
    Webhook.objects.filter(pk__in=webhooks).update(probe_at=None if is_all else now)
    return is_all


def _park_due(now: datetime) -> bool:
    """Park a part of what is due at webhooks that are at rest; return whether that was all.

    Also what a dead worker has left. Webhooks that somebody else is at are left to them.
    """
    due, resting = Delivery.objects.due(now), Webhook.objects.resting()
    found = set(_longest_due(due, resting).values_list("webhook", flat=True)[:PART])
    if not found:
        return True
    with transaction.atomic():
        rows = resting.filter(pk__in=found).select_for_update(skip_locked=True, no_key=True)
        locked = list(rows.values_list("pk", flat=True))
        part = _lock_part(due, Webhook.objects.filter(pk__in=locked))
        Delivery.objects.filter(pk__in=part).update(
            status=Case(
                When(attempt_count=0, then=Value(Delivery.Status.PENDING)),
                default=Value(Delivery.Status.RETRYING),
            ),
            due_at=None,
            fence=F("fence") + 1,
            crashes=F("crashes") + Case(When(status=Delivery.Status.SENDING, then=1), default=0),
        )
    return len(part) < PART


def _lock_part(due: DeliveryQuerySet, webhooks: WebhookQuerySet) -> list[UUID]:
    """Lock a part of what is due at some webhooks, and return the keys.

    For a statement of its own: within an update, PostgreSQL can take half a minute over it.
    """
    rows = _longest_due(due, webhooks).select_for_update()
    return list(rows.values_list("pk", flat=True)[:PART])


def _longest_due(due: DeliveryQuerySet, webhooks: WebhookQuerySet) -> DeliveryQuerySet:
    """Keep what goes to some webhooks, the longest due first."""
    # So that what is due is walked through, which ends after a part. If the webhooks were named,
    # SQLite would sort all that waits for them.
    return due.filter(Exists(webhooks.filter(pk=OuterRef("webhook")))).order_by("due_at")


def _move_on(now: datetime) -> bool:
    """Let out probes that are due, and send on a part of the rest; return whether that was all."""
    with transaction.atomic():
        due = Webhook.objects.probes_due(now).order_by("probe_at")
        rows = due.select_for_update(skip_locked=True, no_key=True).values_list("pk", "circuit")
        found = dict(rows[:_MOST_PROBES])
        closed = [pk for pk, circuit in found.items() if circuit == Webhook.Circuit.CLOSED]
        _let_out_probes(found.keys() - closed, now=now)
        is_all = send_parked(closed, now=now)
    return is_all and len(found) < _MOST_PROBES


def _let_out_probes(webhooks: AbstractSet[UUID], *, now: datetime) -> None:
    """Make one delivery due for each of some webhooks, whose rows are locked.

    It is the one that was tried the least, and of these the one that waits longest: what an
    endpoint always refuses must not be its every probe, and attempts are spent evenly. If nothing
    is parked, the next delivery that comes due is the probe.
    """
    if not webhooks:
        return
    # Asked under the lock: what was parked while it was waited for must be seen.
    parked = Delivery.objects.parked().filter(webhook=OuterRef("pk"))
    first = Subquery(parked.order_by("attempt_count", "pk").values("pk")[:1])
    rows = Webhook.objects.filter(pk__in=webhooks).annotate(first=first)
    probes = {pk: delivery for pk, delivery in rows.values_list("pk", "first") if delivery}
    Delivery.objects.parked().filter(pk__in=probes.values()).update(due_at=now)
    _half_open(probes, probe_at=now + PROBE_LOST_AFTER)
    _half_open(webhooks - probes.keys(), probe_at=None)


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
