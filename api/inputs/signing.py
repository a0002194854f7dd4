"""Signing secrets as callers ask for them."""

from __future__ import annotations

from datetime import timedelta

import strawberry

from api.types.signing import SigningMethod
from delivery.http import signing
from delivery.signing_secrets import DEFAULT_OVERLAP, LONGEST_OVERLAP, NewSecret

_SECOND = timedelta(seconds=1)

ABOUT_OWN = (
    "A secret of your own: `whsec_` and the base64 of 24 to 64 random bytes. "
    "One is made for you when left out."
)


@strawberry.input(description="How to rotate a signing secret.")
class RotateSigningSecretInput:
    """How to rotate a signing secret."""

    overlap_seconds: int = strawberry.field(
        default=DEFAULT_OVERLAP // _SECOND,
        description=(
            f"How long the old secret goes on signing too, 0 to {LONGEST_OVERLAP // _SECOND}."
        ),
    )
    signing_secret: str | None = strawberry.field(default=None, description=ABOUT_OWN)
    signing_method: SigningMethod | None = strawberry.field(
        default=None, description="How the new one signs. As the newest does when left out."
    )

    @property
    def overlap(self) -> timedelta:
        """How long the old secret goes on signing."""
        return timedelta(seconds=self.overlap_seconds)

    def new(self) -> NewSecret:
        """Return the secret as it is to be."""
        return new_secret(method=self.signing_method, own=self.signing_secret)


def new_secret(*, method: SigningMethod | None, own: str | None) -> NewSecret:
    """Return a secret as it is to be, of the values that a caller gave."""
    return NewSecret(method=signing.SigningMethod(method.value) if method else None, own=own)
