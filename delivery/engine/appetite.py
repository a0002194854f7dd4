"""Appetite: how much of what is due a claim takes."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from delivery.breaker import in_flight_cap
from delivery.models import Webhook

MOST_SUSPECTS = 1
"""How many deliveries that more than one worker died with in a row are under way in a worker.

By itself, one that takes its workers down takes no others to the end of their claims.
"""


class Appetite(Protocol):
    """Says how much may be claimed."""

    @property
    def room_for_suspects(self) -> int:
        """How many more deliveries may be claimed that workers have died with again and again."""

    def room(self, webhook: Webhook, *, under_way: int) -> int:
        """Return how many more may be claimed of a webhook that has so many claimed already."""

    def take(self, webhook: Webhook, *, wanted: int) -> int:
        """Count so many requests against the pace of a webhook; return how many may be made."""

    def is_held(self, owner_id: object) -> bool:
        """Return whether nothing of an owner is to be claimed now."""

    def has_some_of(self, webhook_id: UUID) -> bool:
        """Return whether deliveries to a webhook are under way here, after which it looks again."""


class PlainAppetite:
    """Takes what may be under way at once, whosever it is, and at any pace."""

    room_for_suspects = MOST_SUSPECTS

    def room(self, webhook: Webhook, *, under_way: int) -> int:
        """Return how many more may be claimed of a webhook that has so many claimed already."""
        return cap(webhook) - under_way

    def take(self, webhook: Webhook, *, wanted: int) -> int:
        """Count so many requests against the pace of a webhook; return how many may be made."""
        return wanted

    def is_held(self, owner_id: object) -> bool:
        """Return whether nothing of an owner is to be claimed now: never."""
        return False

    def has_some_of(self, webhook_id: UUID) -> bool:
        """Return whether deliveries to a webhook are under way here: it knows of none."""
        return False


def cap(webhook: Webhook) -> int:
    """Return how many requests a webhook may have under way."""
    return in_flight_cap(circuit=webhook.circuit, max_in_flight=webhook.max_in_flight)
