"""Who is told, and what became of it, as rows."""

from delivery.models.attempt import Attempt
from delivery.models.audit import AuditEntry
from delivery.models.delivery import Delivery
from delivery.models.signing_secret import SigningSecret
from delivery.models.webhook import EventSubscription, Webhook

__all__ = ["Attempt", "AuditEntry", "Delivery", "EventSubscription", "SigningSecret", "Webhook"]
