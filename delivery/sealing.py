"""Sealing: secrets are stored encrypted, under keys that can be changed."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from delivery.conf import delivery_settings

MAKE_A_KEY = (
    "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
)
"""A command that prints a new key."""

_KEY_BYTES = 32


class CannotUnseal(Exception):  # noqa: N818 - names what happened
    """No key of this installation opens what was sealed."""


def seal(text: str) -> str:
    """Encrypt a secret for storage, with the first of `WEBHOOK_ENCRYPTION_KEYS`."""
    return _ciphers()[0].encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the secret in what `seal` made.

    Raises `CannotUnseal` if it was made with a key that the settings do not hold, or altered.
    """
    try:
        return _opened(sealed, tuple(_ciphers()))
    except InvalidToken:
        raise CannotUnseal(
            "A stored secret cannot be decrypted. Put the key that it was encrypted with back "
            "into WEBHOOK_ENCRYPTION_KEYS."
        ) from None


def is_sealed_with_first_key(sealed: str) -> bool:
    """Return whether a secret would be sealed with the same key again."""
    try:
        _ciphers()[0].decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def is_key(text: object) -> bool:
    """Return whether a text is a key: 32 bytes in URL-safe base64, as Fernet makes them."""
    try:
        Fernet(text)  # type: ignore[arg-type]  # whatever stands in the settings
    except (TypeError, ValueError):
        return False
    return True


# A worker opens the same few again and again, once for each request.
@lru_cache(maxsize=1024)
def _opened(sealed: str, ciphers: tuple[Fernet, ...]) -> str:
    # As bytes: for a text that is not ASCII, Fernet raises something else.
    return MultiFernet(ciphers).decrypt(sealed.encode()).decode()


def _ciphers() -> list[Fernet]:
    chosen = delivery_settings().encryption_keys
    # Always among them: what was sealed before there were keys in the settings must still open.
    own = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [*map(_cipher, chosen), *map(_derived_cipher, own)]


@lru_cache(maxsize=32)
def _cipher(key: str) -> Fernet:
    return Fernet(key)


@lru_cache(maxsize=32)
def _derived_cipher(secret_key: str | bytes) -> Fernet:
    """Return the cipher whose key is made of Django's secret key (RFC 5869)."""
    derivation = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"hookline sealing")
    secret = secret_key.encode() if isinstance(secret_key, str) else secret_key
    return Fernet(base64.urlsafe_b64encode(derivation.derive(secret)))
