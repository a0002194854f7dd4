"""A claimed delivery made ready to be sent, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from delivery.engine.claim import Claim, Claimed
from delivery.http.formats import standard_body
from delivery.http.outcomes import Outcome
from delivery.http.request import OutgoingRequest
from delivery.http.signing import signature_headers
from delivery.models import Delivery, SigningSecret, Webhook
from events.ids import public_id
from events.models import EventRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """All that is needed to send a claimed delivery, without a look at the database."""

    claim: Claim
    webhook: Webhook
    body: bytes
    secrets: tuple[str, ...]

    def request(self, now: datetime) -> OutgoingRequest:
        """Return the request to make now, signed over exactly the bytes that are sent."""
        message_id = public_id(Delivery.ID_PREFIX, self.claim.delivery_id)
        signature = signature_headers(
            secrets=self.secrets, message_id=message_id, body=self.body, now=now
        )
        # Signed last: no other header must be able to replace ours.
        return OutgoingRequest(
            url=self.webhook.url,
            headers=(("Content-Type", "application/json"), *signature),
            body=self.body,
            timeout=self.webhook.timeout,
            connection_group=str(self.webhook.owner_id),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A job whose request was made, and how that ended."""

    job: Job
    request: OutgoingRequest
    outcome: Outcome
    started_at: datetime
    duration: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class NotSent:
    """A job that was given back before its request was made."""

    job: Job


@dataclass(frozen=True, kw_only=True, slots=True)
class Crashed:
    """A job whose sending broke in a way that nobody foresaw; its lease is left to run out."""

    job: Job


Ended: TypeAlias = Sent | NotSent | Crashed


def load_jobs(claimed: Claimed, *, now: datetime) -> list[Job]:
    """Return the jobs of claims, in a constant number of queries; a body is made once per event."""
    bodies = _bodies({claim.event_id for claim in claimed.claims})
    secrets = _secrets({claim.webhook_id for claim in claimed.claims}, now=now)
    return [
        Job(
            claim=claim,
            webhook=claimed.webhooks[claim.webhook_id],
            body=bodies[claim.event_id],
            secrets=secrets.get(claim.webhook_id, ()),
        )
        for claim in claimed.claims
        # Its owner may have been deleted since, with all that they had.
        if claim.event_id in bodies
    ]


def event_body(record: EventRecord) -> bytes:
    """Return the body that carries an event: the same bytes in every attempt."""
    return standard_body(
        event_type=record.event_type,
        occurred_at=record.occurred_at,
        payload_json=record.payload,
    )


def _bodies(event_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    records = EventRecord.objects.in_bulk(event_ids)
    return {pk: event_body(record) for pk, record in records.items()}


def _secrets(webhook_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, tuple[str, ...]] = {}
    valid = SigningSecret.objects.filter(webhook__in=webhook_ids).valid_at(now)
    for webhook_id, secret in valid.values_list("webhook", "secret"):
        found[webhook_id] = (*found.get(webhook_id, ()), secret)
    return found
