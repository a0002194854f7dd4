"""The webhook finder: what a project puts in place to narrow down who is told of an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from django.db.models import QuerySet

from delivery.conf import callable_at, delivery_settings
from delivery.models import Webhook
from events.models import EventRecord

WebhookFinder: TypeAlias = Callable[[QuerySet[Webhook], EventRecord], QuerySet[Webhook]]
"""Takes webhooks and an event, and returns those of them that the event may be sent to."""


def has_finder() -> bool:
    """Return whether the project has a webhook finder."""
    return delivery_settings().webhook_finder is not None


def find_webhooks(event: EventRecord) -> QuerySet[Webhook, Any] | None:
    """Return the keys of webhooks that the project lets an event go to, None without a finder.

    Only narrowed down: the finder is given the active webhooks of those the event is for, and what
    it returns beyond them is not sent to either. Raises whatever the finder raises, and `TypeError`
    for an answer that is no queryset of webhooks.
    """
    path = delivery_settings().webhook_finder
    if path is None:
        return None
    active = Webhook.objects.filter(status=Webhook.Status.ACTIVE)
    finder: WebhookFinder = callable_at(path)
    theirs = active if event.owner_id is None else active.filter(owner=event.owner_id)
    found: object = finder(theirs, event)
    if not isinstance(found, QuerySet) or found.model is not Webhook:
        raise TypeError(
            f"The webhook finder {path} returned {found!r:.80}. It must return a queryset of "
            f"webhooks, such as the one it is given, filtered."
        )
    # By their keys alone, whichever columns it chose: a union could not be searched otherwise, and
    # a column of another kind would be searched in vain.
    return found.values("pk")
