"""The mutations of signing secrets."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry

from api.access import ApiTokenScope, scoped_field
from api.errors import user_errors
from api.inputs.ids import key_in
from api.inputs.signing import RotateSigningSecretInput
from api.mutations.changes import WebhookId, change_webhook, row_of, target_of
from api.mutations.payloads import RevokeSigningSecretPayload, RotateSigningSecretPayload
from delivery import models, signing_secrets
from delivery.errors import Refused


@strawberry.type
class SigningSecretMutations:
    """The mutations of signing secrets."""

    @scoped_field(
        ApiTokenScope.WEBHOOKS_WRITE,
        description=(
            "Makes a new signing secret, shown this once. Until the overlap ends requests carry a "
            "signature by the new secret and by the old one, so that receivers can change over."
        ),
    )
    def rotate_signing_secret(
        self,
        info: strawberry.Info,
        webhook_id: WebhookId,
        wanted: Annotated[
            RotateSigningSecretInput | None,
            strawberry.argument(name="input", description="How to rotate it."),
        ] = None,
    ) -> RotateSigningSecretPayload | None:
        """Rotate a signing secret."""
        how = wanted or RotateSigningSecretInput()
        target = target_of(info, webhook_id)
        try:
            rotated = signing_secrets.rotate_signing_secret(
                new=how.new(), overlap=how.overlap, **target
            )
        except Refused as refused:
            return RotateSigningSecretPayload(
                webhook=row_of(target), user_errors=user_errors(refused)
            )
        return RotateSigningSecretPayload(
            webhook=rotated.webhook, signing_secret=rotated.signing_secret
        )

    @scoped_field(
        ApiTokenScope.WEBHOOKS_WRITE,
        description=(
            "Ends an old signing secret before its overlap does. The newest cannot be revoked."
        ),
    )
    def revoke_signing_secret(
        self,
        info: strawberry.Info,
        webhook_id: WebhookId,
        secret_id: Annotated[
            strawberry.ID, strawberry.argument(description="The ID of the signing secret.")
        ],
    ) -> RevokeSigningSecretPayload | None:
        """Revoke a signing secret."""
        key = key_in(secret_id, model=models.SigningSecret)
        revoke = partial(signing_secrets.revoke_signing_secret, secret_id=key)
        return change_webhook(RevokeSigningSecretPayload, revoke, target_of(info, webhook_id))
