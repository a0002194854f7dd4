"""Encrypting stored secrets again, after a new key was put first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from delivery.models import SigningSecret, Webhook
from delivery.sealing import CannotUnseal, is_sealed_with_first_key, seal, unseal

_CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class Reencrypted:
    """What became of one stored secret; `is_readable` is False if no key opens it."""

    public_id: str
    is_readable: bool


def reencrypt_secrets() -> Iterator[Reencrypted]:
    """Encrypt each secret with the first key that is not so yet, one row at a time.

    May be interrupted and run again, and run while deliveries and changes go on: what somebody
    changed meanwhile is left as they made it, which is with the first key.
    """
    yield from _renew(SigningSecret.objects.all(), "sealed", _renewed)
    authenticated = Webhook.objects.filter(authentication__isnull=False)
    yield from _renew(authenticated, "authentication", _renewed_settings)


def unreadable_secret() -> SigningSecret | None:
    """Return the newest signing secret if no key opens it, as when the wrong keys were set.

    Those of cancelled webhooks sign no more, and may be lost.
    """
    needed = SigningSecret.objects.exclude(webhook__status=Webhook.Status.CANCELLED)
    newest: SigningSecret | None = needed.order_by("-pk").first()
    if newest is not None:
        try:
            unseal(newest.sealed)
        except CannotUnseal:
            return newest
    return None


def _renew(
    rows: QuerySet[Any], column: str, renewed: Callable[[Any], Any]
) -> Iterator[Reencrypted]:
    for row in rows.only("pk", column).iterator(chunk_size=_CHUNK):
        stored = getattr(row, column)
        try:
            made = renewed(stored)
        except CannotUnseal:
            yield Reencrypted(public_id=row.public_id, is_readable=False)
            continue
        if made is not None and _replace(row, column, before=stored, after=made):
            yield Reencrypted(public_id=row.public_id, is_readable=True)


def _replace(row: Model, column: str, *, before: Any, after: Any) -> bool:
    mine = type(row)._default_manager.filter(pk=row.pk, **{column: before})  # noqa: SLF001 - Django's public name for it
    return mine.update(**{column: after}) > 0


def _renewed(sealed: str) -> str | None:
    """Return a secret sealed with the first key, or None if it is so already."""
    return None if is_sealed_with_first_key(sealed) else seal(unseal(sealed))


def _renewed_settings(stored: dict[str, str]) -> dict[str, str] | None:
    made = _renewed(stored["sealed"])
    return None if made is None else {**stored, "sealed": made}
