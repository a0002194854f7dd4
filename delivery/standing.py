"""How a webhook stands while what was sent to it is recorded, and whether a result concerns it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from delivery.breaker import Breaker
from delivery.engine.job import Sent
from delivery.models import Webhook


class Standing(NamedTuple):
    """What of a webhook's row decides how it goes on; the names are those of the columns."""

    pk: UUID
    status: str
    url: str
    active_since: datetime
    failing_since: datetime | None
    circuit: str
    consecutive_failures: int
    failed_probes: int
    probe_at: datetime | None
    max_requests_per_minute: int | None

    @property
    def is_active(self) -> bool:
        """Whether deliveries may be sent."""
        return self.status == Webhook.Status.ACTIVE

    @property
    def has_more_parked(self) -> bool:
        """Whether more than may be under way at once is parked, and follows as results come in.

        What has a pace follows in time.
        """
        is_let_through = self.is_active and self.circuit == Webhook.Circuit.CLOSED
        has_pace = self.max_requests_per_minute is not None
        return is_let_through and self.probe_at is not None and not has_pace

    @property
    def breaker(self) -> Breaker:
        """The part that the breaker decides about."""
        return Breaker(
            circuit=Webhook.Circuit(self.circuit),
            consecutive_failures=self.consecutive_failures,
            failed_probes=self.failed_probes,
            probe_at=self.probe_at,
        )

    def with_breaker(self, breaker: Breaker) -> Standing:
        """Return the same with another breaker."""
        return self._replace(
            circuit=breaker.circuit,
            consecutive_failures=breaker.consecutive_failures,
            failed_probes=breaker.failed_probes,
            probe_at=breaker.probe_at,
        )

    def is_concerned(self, sent: Sent) -> bool:
        """Whether a result says how the webhook fares now.

        What was sent to a former URL does not, nor what was sent before a resume.
        """
        return sent.request.url == self.url and sent.started_at >= self.active_since
