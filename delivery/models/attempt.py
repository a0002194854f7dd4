"""`Attempt`: one HTTP request made for a delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from delivery.http.outcomes import Phase
from delivery.models.delivery import Delivery
from events.conf import owner_model
from events.ids import IdentifiedModel

if TYPE_CHECKING:
    from uuid import UUID


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Queries for attempts."""

    def visible_to(self, owner: models.Model) -> AttemptQuerySet:
        """Keep what belongs to an owner."""
        return self.filter(owner=owner.pk)


class Attempt(IdentifiedModel):
    """One HTTP request and how it ended. Headers are lists of name and value.

    `remote_address` is the one that was dialled, if it is public. `timed_out_phase` is the value of
    a `Phase`, and empty unless the attempt timed out.
    """

    ID_PREFIX = "att"

    class Outcome(models.TextChoices):
        """How an attempt ended."""

        SUCCEEDED = "succeeded"
        REJECTED = "rejected"
        TIMED_OUT = "timed_out"
        CONNECTION_FAILED = "connection_failed"
        TLS_FAILED = "tls_failed"
        ADDRESS_BLOCKED = "address_blocked"
        INTERRUPTED = "interrupted"

    # Without a constraint, for the reason of `Delivery.owner`; the delivery has one.
    owner: models.ForeignKey[models.Model, models.Model] = models.ForeignKey(
        owner_model(),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="attempts", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    error_message = models.TextField(blank=True)
    request_url = models.CharField(max_length=2048)
    request_headers = models.JSONField()
    status_code = models.PositiveSmallIntegerField(null=True)
    response_headers = models.JSONField(null=True)
    response_body = models.TextField(blank=True)
    is_body_truncated = models.BooleanField(default=False)
    remote_address = models.GenericIPAddressField(null=True)
    timed_out_phase = models.CharField(
        max_length=10,
        choices=[(phase.value, phase.description) for phase in Phase],
        blank=True,
        default="",
        db_default="",  # Workers of before the upgrade write no such column.
    )
    started_at = models.DateTimeField()
    duration = models.DurationField()

    if TYPE_CHECKING:
        owner_id: UUID | int | str
        delivery_id: UUID

    objects: ClassVar = AttemptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "id"], name="attempt_owner")]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number"),
        ]
