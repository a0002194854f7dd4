"""Signatures by which a receiver knows a request is ours: Standard Webhooks, version 1."""

import base64
import binascii
import hmac
import secrets as random_source
from collections.abc import Sequence
from datetime import datetime

_PREFIX = "whsec_"
_DEFAULT_KEY_BYTES = 32
_KEY_BYTES = range(24, 65)


class InvalidSecret(ValueError):  # noqa: N818 - says what was found, as domain errors here do.
    """A text that is not a signing secret; the message never repeats it."""


def generate_secret() -> str:
    """Make a new signing secret: `whsec_` and the base64 of 32 random bytes."""
    return _PREFIX + base64.b64encode(random_source.token_bytes(_DEFAULT_KEY_BYTES)).decode()


def signing_key(secret: str) -> bytes:
    """Read the key out of a secret, which is also how a secret is validated.

    A secret is `whsec_` and the base64, padded or not, of 24 to 64 bytes.

    Raises:
        InvalidSecret: the text is anything else.
    """
    encoded = secret.removeprefix(_PREFIX)
    if encoded == secret:
        raise InvalidSecret(f"A signing secret starts with {_PREFIX!r}; this one does not.")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSecret(f"What follows {_PREFIX!r} in a signing secret is base64.") from None
    if len(key) not in _KEY_BYTES:
        raise InvalidSecret(
            f"A signing secret holds {_KEY_BYTES[0]} to {_KEY_BYTES[-1]} bytes; "
            f"this one holds {len(key)}."
        )
    return key


def signature_headers(
    *, secrets: Sequence[str], message_id: str, body: bytes, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Sign a body: `webhook-id`, `webhook-timestamp` and `webhook-signature`.

    There is one signature for each secret, in their order, so that receivers can change from one to
    the next. `body` is exactly what is sent; `now` is aware and counts in whole seconds.

    Raises:
        InvalidSecret: one of the secrets is none.
        ValueError: there is no secret, or `now` has no time zone.
    """
    if not secrets:
        raise ValueError("A request is signed by at least one secret; none was given.")
    if now.tzinfo is None:
        raise ValueError(f"now={now!r} has no time zone; pass an aware datetime.")
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (hmac.digest(signing_key(secret), signed, "sha256") for secret in secrets)
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", " ".join(f"v1,{base64.b64encode(s).decode()}" for s in signatures)),
    )


def text_signature(data: bytes, *, secret: str) -> bytes:
    """Sign some bytes with the text of a secret, as a receiver does that knows it as a text only.

    This is the HMAC-SHA256 whose key is all of the text, `whsec_` included.
    """
    return hmac.digest(secret.encode(), data, "sha256")
