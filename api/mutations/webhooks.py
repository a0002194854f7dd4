"""The mutations of webhooks."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import strawberry
from django.utils import timezone

from api.access import ApiTokenScope, actor_of, owner_of, scoped_field
from api.errors import user_errors
from api.inputs.webhooks import CreateWebhookInput, UpdateWebhookInput
from api.mutations.changes import WebhookId, change_webhook, row_of, target_of
from api.mutations.payloads import (
    CancelWebhookPayload,
    CreateWebhookPayload,
    PauseWebhookPayload,
    ResumeWebhookPayload,
    UpdateWebhookPayload,
)
from delivery import webhook_states, webhooks
from delivery.errors import Refused


@strawberry.type
class WebhookMutations:
    """The mutations of webhooks."""

    @scoped_field(
        ApiTokenScope.WEBHOOKS_WRITE,
        description=(
            "Subscribes an endpoint to events. The signing secret in the answer is shown this once."
        ),
    )
    def create_webhook(
        self,
        info: strawberry.Info,
        wanted: Annotated[
            CreateWebhookInput,
            strawberry.argument(name="input", description="What the webhook is to be."),
        ],
    ) -> CreateWebhookPayload | None:
        """Create a webhook."""
        try:
            created = webhooks.create_webhook(
                owner=owner_of(info),
                spec=wanted.spec(),
                secret=wanted.secret(),
                is_paused=wanted.is_paused,
                now=timezone.now(),
                actor=actor_of(info),
            )
        except Refused as refused:
            return CreateWebhookPayload(user_errors=user_errors(refused))
        return CreateWebhookPayload(webhook=created.webhook, signing_secret=created.signing_secret)

    @scoped_field(
        ApiTokenScope.WEBHOOKS_WRITE,
        description="Changes a webhook. What is left out stays as it is.",
    )
    def update_webhook(
        self,
        info: strawberry.Info,
        webhook_id: WebhookId,
        wanted: Annotated[
            UpdateWebhookInput,
            strawberry.argument(name="input", description="What to change."),
        ],
    ) -> UpdateWebhookPayload | None:
        """Change a webhook."""
        expected = wanted.expected_version
        update = partial(
            webhooks.update_webhook,
            change=wanted.changed,
            expected_version=expected.value if expected else None,
        )
        return change_webhook(UpdateWebhookPayload, update, target_of(info, webhook_id))

    @scoped_field(
        ApiTokenScope.WEBHOOKS_WRITE,
        description="Stops sending for now. Events that happen meanwhile are not delivered later.",
    )
    def pause_webhook(
        self, info: strawberry.Info, webhook_id: WebhookId
    ) -> PauseWebhookPayload | None:
        """Pause a webhook."""
        return change_webhook(
            PauseWebhookPayload, webhook_states.pause_webhook, target_of(info, webhook_id)
        )

    @scoped_field(
        ApiTokenScope.WEBHOOKS_WRITE,
        description="Starts sending again after a pause or a suspension.",
    )
    def resume_webhook(
        self, info: strawberry.Info, webhook_id: WebhookId
    ) -> ResumeWebhookPayload | None:
        """Resume a webhook."""
        return change_webhook(
            ResumeWebhookPayload, webhook_states.resume_webhook, target_of(info, webhook_id)
        )

    @scoped_field(
        ApiTokenScope.WEBHOOKS_WRITE,
        description=(
            "Ends a webhook for good. Waiting deliveries are cancelled; its history stays readable."
        ),
    )
    def cancel_webhook(
        self, info: strawberry.Info, webhook_id: WebhookId
    ) -> CancelWebhookPayload | None:
        """Cancel a webhook."""
        target = target_of(info, webhook_id)
        try:
            cancelled = webhook_states.cancel_webhook(**target)
        except Refused as refused:
            return CancelWebhookPayload(webhook=row_of(target), user_errors=user_errors(refused))
        return CancelWebhookPayload(
            webhook=cancelled.webhook, cancelled_delivery_count=cancelled.delivery_count
        )
