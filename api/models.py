"""`ApiToken`: a credential of a program that acts for an owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from api.scopes import ApiTokenScope
from events.conf import owner_model
from events.ids import IdentifiedModel

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Queries for API tokens."""

    def visible_to(self, owner: models.Model) -> ApiTokenQuerySet:
        """Keep what belongs to an owner."""
        return self.filter(owner=owner.pk)

    def valid_at(self, now: datetime) -> ApiTokenQuerySet:
        """Keep the tokens that open the door at a moment."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class ApiToken(IdentifiedModel):
    """What a program proves itself by. Of its text only a digest is stored: SHA-256, in hex."""

    ID_PREFIX = "tok"

    owner: models.ForeignKey[models.Model, models.Model] = models.ForeignKey(
        owner_model(), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=8, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    if TYPE_CHECKING:
        owner_id: UUID | int | str

    objects: ClassVar = ApiTokenQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "id"], name="api_token_owner")]

    @property
    def granted(self) -> tuple[ApiTokenScope, ...]:
        """What it may do, in the order of the schema; a scope that is no more is left out."""
        return tuple(scope for scope in ApiTokenScope if scope.value in self.scopes)
