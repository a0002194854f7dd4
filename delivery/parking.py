"""Parking: deliveries that wait without a time of their own, until others of their webhook ended.

They are out of the index that claims look through, and cost no attempts. Parked is what may not be
sent for now: more than a webhook may have under way or in a minute, or anything while its endpoint
is left in peace. What is parked is sent on as results come in, a few for each, and after `probe_at`
of the webhook at the latest. Whoever parks or sends on holds the webhook's row locked, so that
nothing can be left behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery

from delivery.faults import FaultPoint, pass_by
from delivery.models import Delivery, Webhook
from delivery.pace import PACE_WINDOW
from delivery.turns import front_of_queue

PROBE_LOST_AFTER = timedelta(minutes=1)
"""When another probe is made if one came to nothing, as when its row was deleted."""

PART = 100
"""How many deliveries are sent on at first. The rest follows as these end."""

_MOST_PROBES = 100
# The sweep looks as often.
_SHORTEST_PAUSE = timedelta(seconds=1)


def tend_parked(*, now: datetime) -> bool:
    """Let probes out that are due, and send on what was left behind.

    Returns whether there may be more to do. In calm that is one statement.
    """
    if not Webhook.objects.filter(probe_at__isnull=False).exists():
        return False
    with transaction.atomic():
        due = Webhook.objects.probes_due(now).order_by("probe_at")
        rows = due.select_for_update(skip_locked=True, no_key=True).values_list("pk", "circuit")
        found = dict(rows[:_MOST_PROBES])
        closed = [pk for pk, circuit in found.items() if circuit == Webhook.Circuit.CLOSED]
        _let_out_probes(found.keys() - closed, now=now)
        send_parked(closed, now=now)
    return len(found) == _MOST_PROBES


def park(deliveries: Collection[UUID], *, webhooks: Iterable[Webhook], now: datetime) -> None:
    """Park deliveries that are due, of webhooks that are locked.

    What a dead worker has left is taken from it.
    """
    if not deliveries:
        return
    Delivery.objects.filter(pk__in=deliveries).withdraw()
    # Should those that are under way come to nothing, somebody looks after the rest.
    _look_again((each for each in webhooks if each.is_active and not each.probe_at), now=now)
    pass_by(FaultPoint.PARKED)


def send_parked(webhooks: Collection[UUID], *, now: datetime) -> None:
    """Make due the first part of what is parked for webhooks, whose rows are locked."""
    if not webhooks:
        return
    found = Webhook.objects.filter(pk__in=webhooks)
    left = _make_due({webhook.pk: _part(webhook) for webhook in found}, now=now)
    _look_again((webhook for webhook in found if webhook.pk in left), now=now)


def send_following(counts: Mapping[UUID, int], *, now: datetime) -> None:
    """Make due so many of what is parked for each of some webhooks, whose rows are locked."""
    if counts:
        _make_due(counts, now=now)


def _make_due(counts: Mapping[UUID, int], *, now: datetime) -> AbstractSet[UUID]:
    """Make due so many of what is parked for each; return the webhooks that may have more."""
    chosen: list[UUID] = []
    emptied: list[UUID] = []
    for webhook, count in counts.items():
        parked = Delivery.objects.parked().filter(webhook=webhook)
        first = parked.order_by("attempt_count", "pk").select_for_update()
        found = list(first.values_list("pk", flat=True)[:count])
        chosen += found
        if len(found) < count:
            emptied.append(webhook)
    if chosen:
        Delivery.objects.filter(pk__in=chosen).update(due_at=front_of_queue(now=now))
    if emptied:
        Webhook.objects.filter(pk__in=emptied).update(probe_at=None)
    pass_by(FaultPoint.SENT_ON)
    return counts.keys() - emptied


def _look_again(webhooks: Iterable[Webhook], *, now: datetime) -> None:
    """Have more of what is parked for webhooks sent after a while."""
    alike: dict[timedelta, list[UUID]] = defaultdict(list)
    for webhook in webhooks:
        alike[_pause(webhook)].append(webhook.pk)
    for pause, keys in alike.items():
        Webhook.objects.filter(pk__in=keys).update(probe_at=now + pause)


def _pause(webhook: Webhook) -> timedelta:
    pace = webhook.max_requests_per_minute
    if pace is None or webhook.circuit != Webhook.Circuit.CLOSED:
        return PROBE_LOST_AFTER
    # A little more than the window, so that the last look of a round comes after its end: of one
    # request in a minute, a look too early would cost another minute.
    return max(_SHORTEST_PAUSE, (PACE_WINDOW + _SHORTEST_PAUSE) / pace)


def _part(webhook: Webhook) -> int:
    pace = webhook.max_requests_per_minute
    if pace is None:
        return PART
    # Twice what may be sent until the next look, so that none of the minute is lost.
    return 1 + 2 * pace * _pause(webhook) // PACE_WINDOW


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
    Delivery.objects.parked().filter(pk__in=probes.values()).update(due_at=front_of_queue(now=now))
    _half_open(probes, probe_at=now + PROBE_LOST_AFTER)
    _half_open(webhooks - probes.keys(), probe_at=None)
    pass_by(FaultPoint.LET_OUT)


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
        mine.filter(webhook__in=webhooks).update(due_at=front_of_queue(now=now))
        parking = [pk for pk, webhook in webhooks.items() if webhook.is_parking]
        _half_open(parking, probe_at=now + PROBE_LOST_AFTER)


def _half_open(webhooks: Collection[UUID], *, probe_at: datetime | None) -> None:
    if webhooks:
        Webhook.objects.filter(pk__in=webhooks).update(
            circuit=Webhook.Circuit.HALF_OPEN, probe_at=probe_at
        )
