"""Making, rotating and revoking the secrets that sign a webhook's requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction

from delivery.audit import CODE, Action, Actor, note_action
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.formats import payload_formats
from delivery.http.signing import InvalidSecret, SigningMethod, generate_secret, signing_key
from delivery.models import SigningSecret, Webhook
from delivery.sealing import CannotUnseal
from delivery.webhook_locks import lock_webhook

DEFAULT_OVERLAP = timedelta(days=1)
LONGEST_OVERLAP = timedelta(days=30)
MOST_SECRETS = 5
"""How many secrets of a webhook may sign at once; each makes every request longer."""


@dataclass(frozen=True, kw_only=True)
class NewSecret:
    """A signing secret as an owner asks for it.

    `own` is one of theirs, `whsec_…`; without it a random one is made. Without a `method` it is
    that of the secret before, and `HMAC_SHA256` for the first.
    """

    method: SigningMethod | None = None
    own: str | None = field(default=None, repr=False)

    def method_after(self, before: SigningMethod) -> SigningMethod:
        """Return how it signs, if the secret before signs so."""
        return self.method or (SigningMethod.HMAC_SHA256 if self.own is not None else before)


@dataclass(frozen=True, kw_only=True)
class RotatedSecret:
    """A webhook with a new secret, whose text is not shown again; None for an Ed25519 key."""

    webhook: Webhook
    signing_secret: str | None = field(repr=False)


def rotate_signing_secret(  # noqa: PLR0913 - whose, which, how, when, by whom
    *,
    owner: models.Model,
    webhook_id: UUID,
    new: NewSecret,
    overlap: timedelta = DEFAULT_OVERLAP,
    now: datetime,
    actor: Actor = CODE,
) -> RotatedSecret:
    """Make a new signing secret; those before it go on signing too, for `overlap` at most.

    An overlap of nothing ends them at once.

    Raises `Refused`: NOT_FOUND, WRONG_STATE for a cancelled webhook, LIMIT_REACHED for one that has
    `MOST_SECRETS` by then, or every mistake in what was asked for.
    """
    with transaction.atomic():
        webhook = lock_webhook(owner=owner, webhook_id=webhook_id)
        before = list(webhook.signing_secrets.valid_at(now))
        method = new.method_after(before[0].method if before else SigningMethod.HMAC_SHA256)
        mistakes = [
            *secret_mistakes(new, method=method, payload_format=webhook.payload_format),
            *_overlap_mistakes(overlap, live=len(before)),
            *_repetition(new, before=before),
        ]
        if mistakes:
            raise Refused(*mistakes)
        _end(webhook, at=now + overlap, now=now)
        shown = add_secret(webhook, own=new.own, method=method, now=now)
        webhook.note_change(now=now)
        rotated = Action.SIGNING_SECRET_ROTATED
        note_action(rotated, target=webhook, owner=owner, actor=actor, now=now)
    return RotatedSecret(webhook=webhook, signing_secret=shown)


def revoke_signing_secret(
    *,
    owner: models.Model,
    webhook_id: UUID,
    secret_id: UUID,
    now: datetime,
    actor: Actor = CODE,
) -> Webhook:
    """End a signing secret before its overlap does.

    Raises `Refused`: NOT_FOUND, also for a secret that signs no more; WRONG_STATE for a cancelled
    webhook, or for the newest secret.
    """
    with transaction.atomic():
        webhook = lock_webhook(owner=owner, webhook_id=webhook_id)
        keys = [secret.pk for secret in webhook.signing_secrets.valid_at(now)]
        if secret_id not in keys:
            message = "The webhook has no such signing secret."
            raise Refused(Mistake(code=ErrorCode.NOT_FOUND, message=message, path=("secret_id",)))
        if secret_id == keys[0]:
            message = "The newest signing secret cannot be revoked. Rotate it without an overlap."
            raise Refused(Mistake(code=ErrorCode.WRONG_STATE, message=message))
        webhook.signing_secrets.filter(pk=secret_id).delete()
        webhook.note_change(now=now)
        revoked = Action.SIGNING_SECRET_REVOKED
        note_action(revoked, target=webhook, owner=owner, actor=actor, now=now)
    return webhook


def add_secret(
    webhook: Webhook, *, own: str | None, method: SigningMethod, now: datetime
) -> str | None:
    """Store a secret, and return its text for whom it may be shown to: None for a private key."""
    secret = generate_secret(method) if own is None else own
    SigningSecret.of(secret, webhook=webhook, now=now).save()
    return None if method is SigningMethod.ED25519 else secret


def secret_mistakes(
    new: NewSecret, *, method: SigningMethod, payload_format: str
) -> Iterator[Mistake]:
    """Find what keeps a secret from signing by a method what is sent in a format."""
    if method is SigningMethod.ED25519:
        yield from _key_pair_mistakes(new, payload_format=payload_format)
    elif new.own is not None:
        try:
            signing_key(new.own)
        except InvalidSecret as error:
            yield Mistake(code=ErrorCode.INVALID, message=str(error), path=("signing_secret",))


def needs_shared_secret(payload_format: str) -> bool:
    """Return whether a format makes a signature of its own, for which there must be a secret."""
    found = payload_formats.find(payload_format)
    return found is not None and found.format.needs_shared_secret


def delete_expired_secrets(*, now: datetime) -> int:
    """Delete the secrets that sign no more, and return how many there were."""
    count, _ = SigningSecret.objects.filter(expires_at__lte=now).delete()
    return count


def _key_pair_mistakes(new: NewSecret, *, payload_format: str) -> Iterator[Mistake]:
    if new.own is not None:
        message = "A key pair is made here, and its private key stays here. Leave this out."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=("signing_secret",))
    if needs_shared_secret(payload_format):
        message = f"The format {payload_format.upper()} needs a secret that both sides know."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=("signing_method",))


def _overlap_mistakes(overlap: timedelta, *, live: int) -> Iterator[Mistake]:
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        most = LONGEST_OVERLAP // timedelta(seconds=1)
        message = f"The overlap must be 0 to {most} seconds."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=("overlap_seconds",))
    elif overlap and live >= MOST_SECRETS:
        message = f"There may be {MOST_SECRETS} signing secrets at once. Revoke an old one."
        yield Mistake(code=ErrorCode.LIMIT_REACHED, message=message)


def _repetition(new: NewSecret, *, before: Sequence[SigningSecret]) -> Iterator[Mistake]:
    if new.own is not None and new.own in _readable(before):
        message = "Requests are signed with this secret already. Give another, or leave it out."
        yield Mistake(code=ErrorCode.TAKEN, message=message, path=("signing_secret",))


def _readable(secrets: Sequence[SigningSecret]) -> Iterator[str]:
    for each in secrets:
        with suppress(CannotUnseal):
            yield each.secret


def _end(webhook: Webhook, *, at: datetime, now: datetime) -> None:
    """Have the secrets of a webhook end by then; what has ended is not kept."""
    lasting = models.Q(expires_at=None) | models.Q(expires_at__gt=at)
    webhook.signing_secrets.filter(lasting).update(expires_at=at)
    webhook.signing_secrets.filter(expires_at__lte=now).delete()
