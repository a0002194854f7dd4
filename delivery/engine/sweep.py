"""The sweep: finds work whose doorbell was lost, and rings again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from delivery.models import Delivery
from events.models import EventRecord


@dataclass(frozen=True, kw_only=True)
class Found:
    """What waits in the database at a moment."""

    events_to_fan_out: bool
    deliveries_due: bool


def look(*, now: datetime) -> Found:
    """Look for events without deliveries, and for deliveries that are due or left by the dead."""
    return Found(
        events_to_fan_out=EventRecord.objects.waiting_for_fan_out().exists(),
        deliveries_due=Delivery.objects.due(now).exists(),
    )
