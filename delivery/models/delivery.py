"""`Delivery`: one event on its way to one webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from delivery.models.webhook import Webhook
from events.conf import owner_model
from events.ids import IdentifiedModel
from events.models import EventRecord

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Queries for deliveries."""

    def visible_to(self, owner: models.Model) -> DeliveryQuerySet:
        """Keep what belongs to an owner."""
        return self.filter(owner=owner.pk)

    def due(self, status: Delivery.Status, *, now: datetime) -> DeliveryQuerySet:
        """Keep what is due in a status, in order: to be sent, or left by a worker that died.

        One status at a time, so that an index alone tells which are the first.
        """
        return self.filter(status=status, due_at__lte=now).order_by("due_at", "pk")

    def waiting(self) -> DeliveryQuerySet:
        """Keep what waits for its first attempt or the next."""
        return self.filter(status__in=[Delivery.Status.PENDING, Delivery.Status.RETRYING])

    def parked(self) -> DeliveryQuerySet:
        """Keep what waits until its webhook is resumed or its endpoint is found to be well."""
        # The time of completion tells nothing new, but is what the index can be found by.
        return self.waiting().filter(due_at=None, completed_at=None, is_behind=False)

    def withdraw(self, **changes: object) -> int:
        """Take what is due out of the queue, from a worker that died as well."""
        is_abandoned = When(status=Delivery.Status.SENDING, then=1)
        return self.update(
            status=Case(
                When(attempt_count=0, then=Value(Delivery.Status.PENDING)),
                default=Value(Delivery.Status.RETRYING),
            ),
            due_at=None,
            fence=F("fence") + 1,
            crashes=F("crashes") + Case(is_abandoned, default=0),
            **changes,
        )


class Delivery(IdentifiedModel):
    """One event for one webhook.

    `due_at` is the one clock of a delivery: its turn if it waits for its first attempt, when the
    next is due if it waits for another or, while one is under way, when the worker that holds it
    must be given up for dead. It is empty for what has ended, and for what is parked: it waits for
    a resume, for others of its webhook to end, or for a probe of an endpoint that fails. It is
    empty as well for what is behind: it waits until an earlier delivery of its `ordering_key` to
    its webhook has ended. `fence` grows with each claim: whoever holds an older number has lost the
    delivery. `crashes` counts claims in a row that ended with neither result nor return.
    `payload_format` and `selection` are the webhook's when the delivery was made, so that every
    attempt sends the same.
    """

    ID_PREFIX = "dlv"

    class Status(models.TextChoices):
        """How it stands."""

        PENDING = "pending"
        SENDING = "sending"
        RETRYING = "retrying"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Origin(models.TextChoices):
        """Why it was made."""

        EVENT = "event"

    # Without a constraint: on PostgreSQL each new row would lock its owner's, and so wait, with all
    # that is written with it, for whoever has locked that one. The webhook, also theirs, has one.
    owner: models.ForeignKey[models.Model, models.Model] = models.ForeignKey(
        owner_model(),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    event = models.ForeignKey(
        EventRecord, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.EVENT)
    payload_format = models.CharField(max_length=50, default="standard")
    selection = models.TextField(blank=True)
    # With defaults of the database: during an upgrade, workers of before make deliveries as well.
    ordering_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    is_behind = models.BooleanField(
        default=False,
        db_default=False,
        help_text=(
            "It waits, without a time of its own, until an earlier delivery of its key has ended."
        ),
    )
    attempt_count = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True)

    if TYPE_CHECKING:
        owner_id: UUID | int | str
        event_id: UUID
        webhook_id: UUID

    objects: ClassVar = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["status", "due_at", "id"],
                name="delivery_turn",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["webhook"], name="delivery_sending", condition=Q(status="sending")
            ),
            models.Index(
                fields=["webhook", "attempt_count", "id"],
                name="delivery_parked",
                condition=Q(due_at__isnull=True, completed_at__isnull=True, is_behind=False),
            ),
            models.Index(
                fields=["webhook", "ordering_key", "event"],
                name="delivery_ordered",
                condition=~Q(ordering_key="") & Q(completed_at__isnull=True),
            ),
            models.Index(fields=["event", "id"], name="delivery_event"),
            models.Index(fields=["webhook", "id"], name="delivery_webhook"),
            models.Index(fields=["owner", "id"], name="delivery_owner"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "webhook"],
                name="delivery_once",
                condition=Q(origin="event"),
            ),
        ]

    @property
    def next_attempt_at(self) -> datetime | None:
        """When it is tried again, as far as is known; None if it is not, or is being sent."""
        if self.completed_at or self.status == self.Status.SENDING:
            return None
        probe_at = self.webhook.probe_at if self.webhook.is_active else None
        if self.due_at is None:
            return None if self.is_behind else probe_at
        # It is put aside when it comes due before the probe.
        return max(self.due_at, probe_at) if probe_at and self.webhook.is_parking else self.due_at
