"""A claimed delivery made ready to be sent, and what became of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias
from uuid import UUID

from delivery.conf import delivery_settings
from delivery.engine.claim import Claim, Claimed
from delivery.faults import FaultPoint, pass_by
from delivery.foreign import guarded
from delivery.formats.rendering import Bodies, Body, Once
from delivery.http.headers import Headers, is_sendable, merged
from delivery.http.outcomes import Outcome
from delivery.http.request import CannotSend, OutgoingRequest
from delivery.http.signing import SigningMethod, method_of, signature_headers, text_signature
from delivery.models import Delivery, SigningSecret, Webhook
from delivery.sealing import CannotUnseal, unseal
from events.ids import public_id
from events.models import EventRecord

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """All that is needed to send a claimed delivery, without a look at the database."""

    claim: Claim
    webhook: Webhook
    event: EventRecord
    body: Once[Body] = field(repr=False)
    sealed_secrets: tuple[str, ...] = field(repr=False)

    def request(self, now: datetime) -> OutgoingRequest:
        """Return the request to make now, signed over exactly the bytes that are sent.

        Raises `CannotSend` if code of the project that has a part in it is gone or fails.
        """
        secrets = self._secrets()
        body = self.body()
        signature = signature_headers(
            secrets=secrets,
            message_id=public_id(Delivery.ID_PREFIX, self.claim.delivery_id),
            body=body.content,
            now=now,
        )
        # Ours last: no other header must be able to replace them.
        ours = merged(self._format_headers(body, secrets=secrets), signature)
        own = self.webhook.headers
        request = self._request(headers=merged(own, ours), body=body.content)
        if not self.webhook.authentication:
            return request
        proof = self._proof(request)
        return replace(
            request,
            headers=merged(own, proof, ours),
            secret_headers=_names(proof) - _names(ours),
        )

    def unsent_request(self) -> OutgoingRequest:
        """Return what stands for a request that cannot be made: only where it would have gone."""
        return self._request(headers=(), body=b"")

    def _secrets(self) -> tuple[str, ...]:
        # Opened here, by the threads that send, rather than by the one that speaks to the database.
        if not self.sealed_secrets:
            raise CannotSend("The webhook has no signing secret.")
        readable = tuple(self._readable_secrets())
        if not readable:
            raise CannotSend("No signing secret of the webhook can be decrypted.")
        return readable

    def _readable_secrets(self) -> Iterator[str]:
        for sealed in self.sealed_secrets:
            try:
                yield unseal(sealed)
            except CannotUnseal as error:
                # One of an overlap may be lost for good; the others prove as much as before.
                logger.error("A signing secret of %s: %s", self.webhook, error)  # noqa: TRY400 - all is said

    def _format_headers(self, body: Body, *, secrets: Sequence[str]) -> Headers:
        what = f"The payload format {self.claim.form.payload_format!r}"
        sign = partial(_text_signature, secrets=secrets)
        with guarded(what):
            made = body.format.headers(body.message, body=body.content, sign=sign)
        content_type = {"Content-Type": body.format.content_type}
        return (*_sendable(what, made), *_sendable(what, content_type))

    def _proof(self, request: OutgoingRequest) -> Headers:
        with guarded("The authentication"):
            chosen = self.webhook.endpoint_authentication
            made = chosen.headers(request) if chosen else {}
        return _sendable("The authentication", made)

    def _request(self, *, headers: Headers, body: bytes) -> OutgoingRequest:
        return OutgoingRequest(
            url=self.webhook.url,
            headers=headers,
            body=body,
            timeout=self.webhook.timeout,
            connection_group=str(self.webhook.owner_id),
            webhook_id=self.webhook.public_id,
            event_id=self.event.public_id,
            delivery_id=public_id(Delivery.ID_PREFIX, self.claim.delivery_id),
        )


def _text_signature(data: bytes, *, secrets: Sequence[str]) -> bytes:
    for secret in secrets:
        if method_of(secret) is SigningMethod.HMAC_SHA256:
            return text_signature(data, secret=secret)
    raise CannotSend("The payload format needs a shared secret, and the webhook signs by Ed25519.")


def _sendable(what: str, made: Mapping[str, str]) -> Headers:
    # A mapping of the project's own may break whenever it is looked into.
    with guarded(what):
        if not is_sendable(made):
            raise CannotSend(f"{what} made headers that HTTP does not allow.")
        return tuple(made.items())


def _names(headers: Headers) -> frozenset[str]:
    return frozenset(name.lower() for name, _ in headers)


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
    """A job that was given back before its request was made.

    It goes to the end of the queue, lest it be claimed again and again to no avail, unless it
    `keeps_turn`.
    """

    job: Job
    keeps_turn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Crashed:
    """A job whose sending broke in a way that nobody foresaw; its lease is left to run out."""

    job: Job


Ended: TypeAlias = Sent | NotSent | Crashed


def load_jobs(claimed: Claimed, *, now: datetime) -> list[Job]:
    """Return the jobs of claims, in a constant number of queries; what they share is made once."""
    events = EventRecord.objects.in_bulk({claim.event_id for claim in claimed.claims})
    secrets = _sealed_secrets({claim.webhook_id for claim in claimed.claims}, now=now)
    pass_by(FaultPoint.LOADED)
    bodies = Bodies(source=delivery_settings().event_source)
    return [
        Job(
            claim=claim,
            webhook=claimed.webhooks[claim.webhook_id],
            event=events[claim.event_id],
            body=bodies.body(
                events[claim.event_id],
                form=claim.form,
                webhook=claimed.webhooks[claim.webhook_id],
            ),
            sealed_secrets=secrets.get(claim.webhook_id, ()),
        )
        for claim in claimed.claims
        # Its owner may have been deleted since, with all that they had.
        if claim.event_id in events
    ]


def _sealed_secrets(webhook_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, tuple[str, ...]] = {}
    valid = SigningSecret.objects.filter(webhook__in=webhook_ids).valid_at(now)
    for webhook_id, sealed in valid.values_list("webhook", "sealed"):
        found[webhook_id] = (*found.get(webhook_id, ()), sealed)
    return found
