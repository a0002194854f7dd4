"""Audit entries, and lists of them."""

from __future__ import annotations

import enum
from datetime import datetime

import strawberry
import strawberry_django
from strawberry import Parent

from api.inputs.webhooks import input_name
from api.pages import PageInfo
from api.types.node import Node, id_of_row
from delivery import models

_Action = models.AuditEntry.Action
_ActorKind = models.AuditEntry.ActorKind


@strawberry.enum(description="What can be done.")
class AuditAction(enum.Enum):
    """What can be done; a value is what a row holds, here and below."""

    WEBHOOK_CREATED = strawberry.enum_value(
        _Action.WEBHOOK_CREATED.value, description="A webhook was made."
    )
    WEBHOOK_UPDATED = strawberry.enum_value(
        _Action.WEBHOOK_UPDATED.value, description="A webhook was changed: see `changedFields`."
    )
    WEBHOOK_PAUSED = strawberry.enum_value(
        _Action.WEBHOOK_PAUSED.value, description="A webhook was stopped for now."
    )
    WEBHOOK_RESUMED = strawberry.enum_value(
        _Action.WEBHOOK_RESUMED.value,
        description="A webhook was started again after a pause or a suspension.",
    )
    WEBHOOK_SUSPENDED = strawberry.enum_value(
        _Action.WEBHOOK_SUSPENDED.value,
        description="The system stopped a webhook whose endpoint fails or is gone: see `reason`.",
    )
    WEBHOOK_CANCELLED = strawberry.enum_value(
        _Action.WEBHOOK_CANCELLED.value, description="A webhook was ended for good."
    )
    SIGNING_SECRET_ROTATED = strawberry.enum_value(
        _Action.SIGNING_SECRET_ROTATED.value, description="A webhook got a new signing secret."
    )
    SIGNING_SECRET_REVOKED = strawberry.enum_value(
        _Action.SIGNING_SECRET_REVOKED.value, description="A signing secret was ended at once."
    )
    DELIVERY_RETRIED = strawberry.enum_value(
        _Action.DELIVERY_RETRIED.value, description="A delivery was tried again by hand."
    )
    API_TOKEN_CREATED = strawberry.enum_value(
        _Action.API_TOKEN_CREATED.value, description="An API token was made."
    )
    API_TOKEN_REVOKED = strawberry.enum_value(
        _Action.API_TOKEN_REVOKED.value, description="An API token was ended."
    )


@strawberry.enum(description="Kinds of those who do something.")
class AuditActorKind(enum.Enum):
    """Kinds of those who do something."""

    PERSON = strawberry.enum_value(
        _ActorKind.PERSON.value, description="Somebody who was signed in."
    )
    TOKEN = strawberry.enum_value(
        _ActorKind.TOKEN.value, description="A program, by its API token."
    )
    CODE = strawberry.enum_value(
        _ActorKind.CODE.value, description="Code or a command of the host project."
    )
    SYSTEM = strawberry.enum_value(
        _ActorKind.SYSTEM.value, description="The system, by a rule of its own."
    )


@strawberry.type(description="Who did something, as they were called then.")
class AuditActor:
    """Who did something; they may be gone since."""

    kind: AuditActorKind = strawberry.field(description="What kind of actor it was.")
    id: strawberry.ID | None = strawberry.field(
        description="The ID of the user or of the API token. Null for code and the system."
    )
    name: str = strawberry.field(description="The name that they had.")


def _actor(root: Parent[models.AuditEntry]) -> AuditActor:
    return AuditActor(
        kind=AuditActorKind(root.actor_kind),
        id=strawberry.ID(root.actor_id) if root.actor_id else None,
        name=root.actor_name,
    )


def _changed_fields(root: Parent[models.AuditEntry]) -> list[str]:
    return [input_name(field) for field in root.changed]


def _reason(root: Parent[models.AuditEntry]) -> str | None:
    return root.reason or None


@strawberry_django.type(
    models.AuditEntry, description="One thing that was done, by whom, and when."
)
class AuditEntry(Node):
    """A row of `delivery.models.AuditEntry`."""

    id: strawberry.ID = id_of_row("The entry's ID.")
    action: AuditAction = strawberry_django.field(description="What was done.")
    actor: AuditActor = strawberry_django.field(
        resolver=_actor, only=["actor_kind", "actor_id", "actor_name"], description="Who did it."
    )
    target_id: strawberry.ID = strawberry_django.field(
        description=(
            "The ID of the webhook, the delivery or the API token that it was "
            "done to. An entry may outlast its target."
        )
    )
    changed_fields: list[str] = strawberry_django.field(
        resolver=_changed_fields,
        only=["changed"],
        description=(
            "The fields that an update changed, by their names in `UpdateWebhookInput`. What they "
            "held before and after is not kept."
        ),
    )
    reason: str | None = strawberry_django.field(
        resolver=_reason,
        only=["reason"],
        description="Why it was done, where the system did it. Null in any other case.",
    )
    happened_at: datetime = strawberry_django.field(description="When it was done.")


@strawberry.type(description="An audit entry in a list.")
class AuditEntryEdge:
    """An audit entry in a list."""

    cursor: str = strawberry.field(description="Its place in the list.")
    node: AuditEntry = strawberry.field(description="The entry.")


@strawberry.type(description="A page of audit entries.")
class AuditEntryConnection:
    """A page of audit entries."""

    edges: list[AuditEntryEdge] = strawberry.field(description="The entries on this page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
