"""What this layer does when an event was recorded."""

from contextlib import suppress
from typing import Any

from django.dispatch import receiver

from delivery.actors import doorbell, fan_out
from delivery.doorbell import OutOfReach
from events.models import EventRecord
from events.signals import event_recorded


@receiver(event_recorded)
def ring_for_fan_out(sender: type[EventRecord], record: EventRecord, **kwargs: Any) -> None:  # noqa: ARG001 - the signature of a receiver
    """Have the event's deliveries made now, rather than when the next sweep finds it."""
    with suppress(OutOfReach):
        doorbell.ring(fan_out)
