"""Who is told, and what became of it, as rows."""

from delivery.models.attempt import Attempt
from delivery.models.audit import AuditEntry
from delivery.models.delivery import Delivery
from delivery.models.webhook import EventSubscription, SigningSecret, Webhook

__all__ = ["Attempt", "AuditEntry", "Delivery", "EventSubscription", "SigningSecret", "Webhook"]
