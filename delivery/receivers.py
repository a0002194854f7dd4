"""What this layer does when events were recorded."""

from contextlib import suppress
from typing import Any

from django.dispatch import receiver

from delivery.actors import doorbell, fan_out
from delivery.doorbell import OutOfReach
from events.models import EventRecord
from events.signals import event_recorded


@receiver(event_recorded)
def ring_for_fan_out(sender: type[EventRecord], **kwargs: Any) -> None:  # noqa: ARG001 - the signature of a receiver
    """Have the deliveries made now, rather than when the next sweep finds the events."""
    with suppress(OutOfReach):
        doorbell.ring(fan_out)
