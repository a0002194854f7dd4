"""What mutations answer with. The objects are rows, which their GraphQL types know how to show."""

from __future__ import annotations

from typing import Any

import strawberry

from api.errors import UserError
from api.models import ApiToken
from api.types import delivery, token, webhook
from delivery.models import Delivery, Webhook


def _webhook(description: str = "The webhook as it now is. Null when there is none.") -> Any:
    return strawberry.field(
        graphql_type=webhook.Webhook | None, default=None, description=description
    )


def _token(description: str) -> Any:
    return strawberry.field(
        graphql_type=token.ApiToken | None, default=None, description=description
    )


def _secret(description: str) -> Any:
    return strawberry.field(default=None, description=description)


def _errors() -> Any:
    return strawberry.field(
        default_factory=list, description="What the caller has to put right. Empty on success."
    )


@strawberry.type(description="The answer to `createWebhook`.")
class CreateWebhookPayload:
    """The answer to `createWebhook`."""

    webhook: Webhook | None = _webhook("The new webhook. Null when there are errors.")
    signing_secret: str | None = _secret(
        "The secret that signs its requests, shown only here. Null when there are errors, and for "
        "`ED25519`, whose public key is in `signingSecrets`."
    )
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `updateWebhook`.")
class UpdateWebhookPayload:
    """The answer to `updateWebhook`."""

    webhook: Webhook | None = _webhook()
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `pauseWebhook`.")
class PauseWebhookPayload:
    """The answer to `pauseWebhook`."""

    webhook: Webhook | None = _webhook()
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `resumeWebhook`.")
class ResumeWebhookPayload:
    """The answer to `resumeWebhook`."""

    webhook: Webhook | None = _webhook()
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `cancelWebhook`.")
class CancelWebhookPayload:
    """The answer to `cancelWebhook`."""

    webhook: Webhook | None = _webhook()
    cancelled_delivery_count: int = strawberry.field(
        default=0, description="How many waiting deliveries were cancelled with it."
    )
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `rotateSigningSecret`.")
class RotateSigningSecretPayload:
    """The answer to `rotateSigningSecret`."""

    webhook: Webhook | None = _webhook()
    signing_secret: str | None = _secret(
        "The new secret, shown only here. Null when there are errors, and for `ED25519`, whose "
        "public key is in `signingSecrets`."
    )
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `revokeSigningSecret`.")
class RevokeSigningSecretPayload:
    """The answer to `revokeSigningSecret`."""

    webhook: Webhook | None = _webhook()
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `retryDelivery`.")
class RetryDeliveryPayload:
    """The answer to `retryDelivery`."""

    delivery: Delivery | None = strawberry.field(
        graphql_type=delivery.Delivery | None,
        default=None,
        description="The delivery as it now is. Null when there is none.",
    )
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `createApiToken`.")
class CreateApiTokenPayload:
    """The answer to `createApiToken`."""

    api_token: ApiToken | None = _token("The new token. Null when there are errors.")
    text: str | None = _secret("The token's text, shown only here. Null when there are errors.")
    user_errors: list[UserError] = _errors()


@strawberry.type(description="The answer to `revokeApiToken`.")
class RevokeApiTokenPayload:
    """The answer to `revokeApiToken`."""

    api_token: ApiToken | None = _token("The token as it now is. Null when there is none.")
    user_errors: list[UserError] = _errors()
