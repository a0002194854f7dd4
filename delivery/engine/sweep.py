"""The sweep: finds work whose doorbell was lost, and rings again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from delivery.models import Delivery, Webhook
from events.models import EventRecord


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
        deliveries_due=Delivery.objects.due(now).exists(),
        probes_due=Webhook.objects.probes_due(now).exists(),
    )
