"""Signatures by which a receiver knows a request is ours: Standard Webhooks, v1 and v1a."""

import base64
import binascii
import enum
import hmac
import secrets as random_source
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SHARED_PREFIX = "whsec_"
_PRIVATE_PREFIX = "whsk_"
_PUBLIC_PREFIX = "whpk_"
_DEFAULT_KEY_BYTES = 32
_KEY_BYTES = range(24, 65)


class SigningMethod(enum.Enum):
    """How requests are signed; the value is what the standard puts before a signature."""

    HMAC_SHA256 = "v1"
    ED25519 = "v1a"


class InvalidSecret(ValueError):  # noqa: N818 - says what was found, as domain errors here do.
    """A text that is not a signing secret; the message never repeats it."""


def generate_secret(method: SigningMethod = SigningMethod.HMAC_SHA256) -> str:
    """Make a secret: `whsec_`, or `whsk_` for Ed25519, and the base64 of 32 random bytes."""
    prefix = _SHARED_PREFIX if method is SigningMethod.HMAC_SHA256 else _PRIVATE_PREFIX
    return prefix + base64.b64encode(random_source.token_bytes(_DEFAULT_KEY_BYTES)).decode()


def method_of(secret: str) -> SigningMethod:
    """Return what a secret signs by, which its prefix tells."""
    is_private = secret.startswith(_PRIVATE_PREFIX)
    return SigningMethod.ED25519 if is_private else SigningMethod.HMAC_SHA256


def signing_key(secret: str) -> bytes:
    """Read the key out of a shared secret, which is also how one is validated.

    It is `whsec_` and the base64, padded or not, of 24 to 64 bytes.

    Raises:
        InvalidSecret: the text is anything else.
    """
    key = _decoded(secret, prefix=_SHARED_PREFIX)
    if len(key) not in _KEY_BYTES:
        raise InvalidSecret(
            f"A signing secret holds {_KEY_BYTES[0]} to {_KEY_BYTES[-1]} bytes; "
            f"this one holds {len(key)}."
        )
    return key


def public_key(secret: str) -> str:
    """Return by what a receiver verifies the signatures of an Ed25519 secret: `whpk_` and base64.

    Raises:
        InvalidSecret: the text is no `whsk_` and the base64 of 32 bytes.
    """
    raw = _private_key(secret).public_key().public_bytes_raw()
    return _PUBLIC_PREFIX + base64.b64encode(raw).decode()


def public_key_bytes(text: str) -> bytes:
    """Return the 32 bytes that a public key stands for; raises `InvalidSecret` for other text."""
    return _decoded(text, prefix=_PUBLIC_PREFIX)


def _private_key(secret: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(_decoded(secret, prefix=_PRIVATE_PREFIX))
    except ValueError as error:
        if isinstance(error, InvalidSecret):
            raise
        raise InvalidSecret(f"What follows {_PRIVATE_PREFIX!r} are 32 bytes.") from None


def _decoded(text: str, *, prefix: str) -> bytes:
    encoded = text.removeprefix(prefix)
    if encoded == text:
        raise InvalidSecret(f"A signing secret starts with {prefix!r}; this one does not.")
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSecret(f"What follows {prefix!r} in a signing secret is base64.") from None


def signature_headers(
    *, secrets: Sequence[str], message_id: str, body: bytes, now: datetime
) -> tuple[tuple[str, str], ...]:
    """Sign a body: `webhook-id`, `webhook-timestamp` and `webhook-signature`.

    There is one signature for each secret, by its method and in their order, so that receivers can
    change from one to the next. `body` is exactly what is sent; `now` is aware and counts in whole
    seconds.

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
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", " ".join(_signature(secret, signed) for secret in secrets)),
    )


def _signature(secret: str, signed: bytes) -> str:
    method = method_of(secret)
    if method is SigningMethod.ED25519:
        made = _private_key(secret).sign(signed)
    else:
        made = _hmac(signing_key(secret), signed)
    return f"{method.value},{base64.b64encode(made).decode()}"


def text_signature(data: bytes, *, secret: str) -> bytes:
    """Sign some bytes with the text of a secret, as a receiver does that knows it as a text only.

    This is the HMAC-SHA256 whose key is all of the text, `whsec_` included.
    """
    return _hmac(secret.encode(), data)


def _hmac(key: bytes, data: bytes) -> bytes:
    # Not `hmac.digest`, which gives way to other threads for what takes two microseconds, and then
    # waits for them.
    return hmac.new(key, data, "sha256").digest()
