"""The event types that tell an owner of their webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from events import Event


class WebhookSuspended(Event, name="webhook.suspended"):
    """A webhook was suspended, because its endpoint is gone or has failed for too long."""

    webhook_id: Annotated[str, "The webhook's ID."]
    name: Annotated[str, "The webhook's name."]
    reason: Annotated[str, "Why it was suspended, in a sentence."]
    suspended_at: Annotated[datetime, "When it was suspended."]
