"""What signs requests, as its owner sees it: never the secret itself."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING, Any

import strawberry
import strawberry_django
from django.utils import timezone
from strawberry import Parent

from api.types.node import Node, id_of_row
from delivery import models
from delivery.http import signing

if TYPE_CHECKING:
    from delivery.models.signing_secret import SigningSecretQuerySet


@strawberry.enum(description="Ways to sign requests, both of Standard Webhooks.")
class SigningMethod(enum.Enum):
    """Ways to sign requests, by the names that `delivery.http.signing` has for them."""

    HMAC_SHA256 = strawberry.enum_value(
        signing.SigningMethod.HMAC_SHA256.value,
        description="`v1`: with a secret that both sides know.",
    )
    ED25519 = strawberry.enum_value(
        signing.SigningMethod.ED25519.value,
        description="`v1a`: with a private key that stays here, verified by its public key.",
    )


def _method(root: Parent[models.SigningSecret]) -> SigningMethod:
    return SigningMethod(root.method.value)


def _public_key(root: Parent[models.SigningSecret]) -> str | None:
    return root.public_key or None


@strawberry_django.type(models.SigningSecret, description="A secret that signs requests.")
class SigningSecret(Node):
    """A row of `delivery.models.SigningSecret`."""

    id: strawberry.ID = id_of_row("The secret's ID.")
    method: SigningMethod = strawberry_django.field(
        resolver=_method, only=["public_key"], description="How it signs."
    )
    hint: str = strawberry_django.field(
        description=(
            "The last four characters of the secret, or of its public key if it has one, "
            "to tell it from others."
        ),
    )
    public_key: str | None = strawberry_django.field(
        resolver=_public_key,
        only=["public_key"],
        description="What verifies `ED25519` signatures: `whpk_` and base64. Null otherwise.",
    )
    created_at: datetime = strawberry_django.field(description="When it was made.")
    expires_at: datetime | None = strawberry_django.field(
        description="When it stops signing. Null for the newest."
    )

    @classmethod
    def get_queryset(
        cls, secrets: SigningSecretQuerySet, _info: object, **_: Any
    ) -> SigningSecretQuerySet:
        """Keep the secrets that sign now, the newest first."""
        return secrets.valid_at(timezone.now())
