"""`AuditEntry`: who did what, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from events.conf import owner_model
from events.ids import IdentifiedModel

if TYPE_CHECKING:
    from uuid import UUID


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Queries for audit entries."""

    def visible_to(self, owner: models.Model) -> AuditEntryQuerySet:
        """Keep what belongs to an owner."""
        return self.filter(owner=owner.pk)


class AuditEntry(IdentifiedModel):
    """One thing that was done to what belongs to an owner.

    The actor and the target stand here as text, since an entry outlasts both: `actor_name` is the
    name at that time, `actor_id` is empty for code and the system, `target_id` is a public ID.
    `changed` names fields of `WebhookSpec`; what they held stands nowhere, for it may be secret.
    """

    ID_PREFIX = "aud"

    class Action(models.TextChoices):
        """What was done."""

        WEBHOOK_CREATED = "webhook_created"
        WEBHOOK_UPDATED = "webhook_updated"
        WEBHOOK_PAUSED = "webhook_paused"
        WEBHOOK_RESUMED = "webhook_resumed"
        WEBHOOK_SUSPENDED = "webhook_suspended"
        WEBHOOK_CANCELLED = "webhook_cancelled"
        SIGNING_SECRET_ROTATED = "signing_secret_rotated"
        SIGNING_SECRET_REVOKED = "signing_secret_revoked"
        DELIVERY_RETRIED = "delivery_retried"
        API_TOKEN_CREATED = "api_token_created"
        API_TOKEN_REVOKED = "api_token_revoked"

    class ActorKind(models.TextChoices):
        """Who did it: somebody signed in, the holder of an API token, the project, or nobody."""

        PERSON = "person"
        TOKEN = "token"
        CODE = "code"
        SYSTEM = "system"

    owner: models.ForeignKey[models.Model, models.Model] = models.ForeignKey(
        owner_model(), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    action = models.CharField(max_length=30, choices=Action.choices)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    actor_id = models.TextField(blank=True)
    actor_name = models.TextField()
    target_id = models.CharField(max_length=50)
    changed = models.JSONField(default=list, blank=True)
    reason = models.TextField(blank=True)
    happened_at = models.DateTimeField()

    if TYPE_CHECKING:
        owner_id: UUID | int | str

    objects: ClassVar = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["owner", "id"], name="audit_owner"),
            models.Index(fields=["owner", "target_id", "id"], name="audit_target"),
        ]
