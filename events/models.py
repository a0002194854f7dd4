"""`EventRecord`: the row that says an event happened, and from which all deliveries come."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from events.conf import owner_model
from events.ids import IdentifiedModel

if TYPE_CHECKING:
    from uuid import UUID


class EventRecordQuerySet(models.QuerySet["EventRecord"]):
    """Queries for event records."""

    def visible_to(self, owner: models.Model) -> EventRecordQuerySet:
        """Keep what an owner may see: their own events, and those that went to everyone."""
        return self.filter(Q(owner=owner.pk) | Q(owner=None))

    def waiting_for_fan_out(self) -> EventRecordQuerySet:
        """Keep events whose deliveries have not all been made, the oldest first."""
        return self.filter(fanned_out_at=None).order_by("pk")


class EventRecord(IdentifiedModel):
    """One event that happened: written in the transaction of whatever made it happen.

    `payload` is the JSON text that is sent, kept as text so that every request carries the same
    bytes. `ordering_key` is the same for events that are sent in one order, and empty for none.
    `fan_out_cursor` is the last webhook that a fan-out in several steps has dealt with.
    """

    ID_PREFIX = "evt"

    owner: models.ForeignKey[models.Model | None, models.Model | None] = models.ForeignKey(
        owner_model(),
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Whose event it is; empty for everyone's.",
    )
    event_type = models.CharField(max_length=100)
    payload = models.TextField()
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001 - "" would be one key for all
    # With a default of the database, for processes of before an upgrade.
    ordering_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    is_test = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    fanned_out_at = models.DateTimeField(null=True)
    fan_out_cursor = models.UUIDField(null=True)

    if TYPE_CHECKING:
        owner_id: UUID | int | str | None

    objects: ClassVar = EventRecordQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="event_unfanned", condition=Q(fanned_out_at__isnull=True)
            ),
            models.Index(fields=["owner", "id"], name="event_owner"),
            models.Index(fields=["occurred_at"], name="event_occurred"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "event_type", "key"],
                name="event_key_of_owner",
                condition=Q(key__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["event_type", "key"],
                name="event_key_of_everyone",
                condition=Q(owner__isnull=True, key__isnull=False),
            ),
        ]
