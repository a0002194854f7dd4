"""The audit trail: noting who did what, in the transaction in which it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from delivery.models import AuditEntry
from events.ids import IdentifiedModel

Action = AuditEntry.Action
ActorKind = AuditEntry.ActorKind


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something. `id` is that of a person or a token, and empty for all others."""

    kind: ActorKind
    name: str
    id: str = ""


CODE = Actor(kind=ActorKind.CODE, name="The project")
"""Code of the project that does not say for whom it acts."""

SYSTEM = Actor(kind=ActorKind.SYSTEM, name="The system")
"""What nobody asked for, such as a suspension."""


def note_action(  # noqa: PLR0913 - the columns of an entry
    action: Action,
    *,
    target: IdentifiedModel,
    owner: models.Model,
    actor: Actor,
    now: datetime,
    changed: Sequence[str] = (),
    reason: str = "",
) -> None:
    """Write down that something was done, with one INSERT.

    To be called in the transaction of the change, after it, and only if there was one: neither is
    then there without the other. `changed` names fields, and no text may hold a secret.
    """
    AuditEntry.objects.create(
        owner_id=owner.pk,
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        target_id=target.public_id,
        changed=list(changed),
        reason=reason,
        happened_at=now,
    )
