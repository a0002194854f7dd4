"""`SigningSecret`: what signs a webhook's requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from delivery.http.signing import SigningMethod, method_of, public_key
from delivery.models.webhook import Webhook
from delivery.sealing import seal, unseal
from events.ids import IdentifiedModel

if TYPE_CHECKING:
    from datetime import datetime

_HINT_LENGTH = 4


class SigningSecretQuerySet(models.QuerySet["SigningSecret"]):
    """Queries for signing secrets."""

    def visible_to(self, owner: models.Model) -> SigningSecretQuerySet:
        """Keep what belongs to an owner."""
        return self.filter(webhook__in=Webhook.objects.visible_to(owner))

    def valid_at(self, now: datetime) -> SigningSecretQuerySet:
        """Keep the secrets that sign at a moment, the newest first."""
        # By their ends, which a rotation sets under a lock: keys come from clocks that may differ.
        latest_end_first = models.F("expires_at").desc(nulls_first=True)
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now)).order_by(
            latest_end_first, "-pk"
        )


class SigningSecret(IdentifiedModel):
    """A secret that signs a webhook's requests, kept sealed.

    `hint` is the end of its text, or of the public key if it has one, by which `public_key` is not
    empty: receivers verify by that then, and the secret is never shown. The newest secret of a
    webhook is the one without an `expires_at`.
    """

    ID_PREFIX = "sec"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="signing_secrets")
    sealed = models.TextField(editable=False)
    hint = models.CharField(max_length=_HINT_LENGTH, editable=False)
    public_key = models.CharField(max_length=60, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)

    objects: ClassVar = SigningSecretQuerySet.as_manager()

    @classmethod
    def of(cls, secret: str, *, webhook: Webhook, now: datetime) -> SigningSecret:
        """Return the row, not saved yet, that keeps a secret."""
        is_private = method_of(secret) is SigningMethod.ED25519
        shown = public_key(secret) if is_private else secret
        return cls(
            webhook=webhook,
            sealed=seal(secret),
            hint=shown[-_HINT_LENGTH:],
            public_key=shown if is_private else "",
            created_at=now,
        )

    @property
    def secret(self) -> str:
        """The text of the secret; raises `CannotUnseal` if the key it was sealed with is gone."""
        return unseal(self.sealed)

    @property
    def method(self) -> SigningMethod:
        """How it signs."""
        return SigningMethod.ED25519 if self.public_key else SigningMethod.HMAC_SHA256
