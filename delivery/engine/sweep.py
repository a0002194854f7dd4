"""The sweep: finds work whose doorbell was lost, and rings again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from delivery.models import Delivery, Webhook
from events.models import EventRecord

_MAY_BE_DUE = (Delivery.Status.PENDING, Delivery.Status.SENDING, Delivery.Status.RETRYING)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What waits in the database at a moment."""

    events_to_fan_out: bool
    deliveries_due: bool
    probes_due: bool


def look(*, now: datetime) -> Found:
    """Look for events without deliveries, for what is due or left by the dead, and for probes."""
    return Found(
        events_to_fan_out=EventRecord.objects.waiting_for_fan_out().exists(),
        deliveries_due=any(_is_any_due(status, now=now) for status in _MAY_BE_DUE),
        probes_due=Webhook.objects.probes_due(now).exists(),
    )


def _is_any_due(status: Delivery.Status, *, now: datetime) -> bool:
    # Not `exists()`, which takes away the order, and with it the certainty of an index.
    return Delivery.objects.due(status, now=now).values_list("pk").first() is not None
