"""What the mutations that change a webhook have in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypedDict, TypeVar
from uuid import UUID

import strawberry
from django.db.models import Model, QuerySet
from django.utils import timezone

from api.access import actor_of, owner_of
from api.errors import user_errors
from api.inputs.ids import key_in
from delivery import models
from delivery.audit import Actor
from delivery.errors import Refused

Payload = TypeVar("Payload")
WebhookId = Annotated[
    strawberry.ID, strawberry.argument(name="id", description="The ID of the webhook.")
]


class Target(TypedDict):
    """What a change is made to, when and by whom, as the functions of this layer below take it."""

    owner: Model
    webhook_id: UUID
    now: datetime
    actor: Actor


def target_of(info: strawberry.Info, public_id: str) -> Target:
    """Return what a mutation is about: the caller's webhook with an ID, now."""
    return Target(
        owner=owner_of(info),
        webhook_id=key_in(public_id, model=models.Webhook),
        now=timezone.now(),
        actor=actor_of(info),
    )


def row_of(target: Target) -> models.Webhook | None:
    """Return the webhook as it is, or None if the caller has none with this ID."""
    rows: QuerySet[models.Webhook] = models.Webhook.objects.visible_to(target["owner"])
    return rows.filter(pk=target["webhook_id"]).first()


def change_webhook(
    payload: Callable[..., Payload], change: Callable[..., models.Webhook], target: Target
) -> Payload:
    """Change a webhook, and return the payload that says how it is now or what was wrong."""
    try:
        webhook = change(**target)
    except Refused as refused:
        return payload(webhook=row_of(target), user_errors=user_errors(refused))
    return payload(webhook=webhook)
