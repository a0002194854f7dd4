"""`Webhook`: an endpoint, and the events it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from delivery.authentication import Authentication, load_authentication
from delivery.options import StoredChoice
from delivery.retry import RetryPolicy, load_policy
from events.conf import owner_model
from events.event import event_types
from events.ids import IdentifiedModel

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Queries for webhooks."""

    def visible_to(self, owner: models.Model) -> WebhookQuerySet:
        """Keep what belongs to an owner."""
        return self.filter(owner=owner.pk)

    def probes_due(self, now: datetime) -> WebhookQuerySet:
        """Keep what is to be sent a probe now, or more of what was parked."""
        return self.filter(probe_at__lte=now, status=Webhook.Status.ACTIVE)

    def resting(self) -> WebhookQuerySet:
        """Keep what is active and sent nothing for now, because earlier requests failed."""
        # The probe, which each of them has, tells nothing new, but there is an index of them.
        return self.filter(
            probe_at__isnull=False, circuit=Webhook.Circuit.OPEN, status=Webhook.Status.ACTIVE
        )


class Webhook(IdentifiedModel):
    """A subscription: whose it is, where requests go, and how they are sent.

    `active_since` is when it was last made or resumed: events recorded before are not sent to it.
    `fingerprint` stands for the URL and the events together; `retry_policy` is empty for the
    default policy. `headers` are pairs of name and value. `failing_since` is when the first
    attempt failed since the last that was accepted.

    `circuit` and the two numbers and the moment after it are the breaker's: see `delivery.breaker`.
    A webhook that is not active has a closed one. Of one that is, `probe_at` is when more of what
    is parked is sent.
    """

    ID_PREFIX = "whk"

    class Status(models.TextChoices):
        """Whether events are sent."""

        ACTIVE = "active"
        PAUSED = "paused"
        SUSPENDED = "suspended"
        CANCELLED = "cancelled"

    class Circuit(models.TextChoices):
        """Whether requests are let through to an endpoint that fails."""

        CLOSED = "closed"
        OPEN = "open"
        HALF_OPEN = "half_open"

    owner: models.ForeignKey[models.Model, models.Model] = models.ForeignKey(
        owner_model(), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField(max_length=100, null=True)  # noqa: DJ001 - "" would be one key for all
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    url = models.CharField(max_length=2048)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    status_reason = models.TextField(blank=True)
    headers = models.JSONField(default=list, blank=True)
    authentication = models.JSONField(null=True)
    retry_policy = models.JSONField(null=True)
    payload_format = models.CharField(max_length=50, default="standard")
    callback = models.CharField(max_length=100, blank=True)
    timeout = models.DurationField(default=timedelta(seconds=10))
    max_in_flight = models.PositiveSmallIntegerField(default=10)
    max_requests_per_minute = models.PositiveIntegerField(null=True)
    fingerprint = models.CharField(max_length=64, editable=False)
    version = models.PositiveIntegerField(default=1)
    active_since = models.DateTimeField(default=timezone.now)
    failing_since = models.DateTimeField(null=True)
    # Defaults of the database too: during an upgrade, processes of before make webhooks as well.
    circuit = models.CharField(
        max_length=10, choices=Circuit.choices, default=Circuit.CLOSED, db_default=Circuit.CLOSED
    )
    consecutive_failures = models.PositiveIntegerField(default=0, db_default=0)
    failed_probes = models.PositiveIntegerField(default=0, db_default=0)
    probe_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True)

    if TYPE_CHECKING:
        owner_id: UUID | int | str

    objects: ClassVar = WebhookQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "id"], name="webhook_owner"),
            models.Index(
                fields=["probe_at"], name="webhook_probe", condition=Q(probe_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="webhook_open_has_probe",
                condition=~Q(circuit="open") | Q(probe_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["owner", "key"], name="webhook_key", condition=~Q(status="cancelled")
            ),
            models.UniqueConstraint(
                fields=["owner", "fingerprint"],
                name="webhook_duplicate",
                condition=~Q(status="cancelled"),
            ),
        ]

    @property
    def policy(self) -> RetryPolicy:
        """The retry policy as an object that decides."""
        stored = self.retry_policy
        return load_policy(StoredChoice.from_json(stored) if stored else None)

    @property
    def endpoint_authentication(self) -> Authentication | None:
        """What proves to the endpoint who sends, as an object that makes headers."""
        return load_authentication(self.authentication) if self.authentication else None

    @property
    def is_active(self) -> bool:
        """Whether deliveries may be sent."""
        return self.status == self.Status.ACTIVE

    @property
    def is_parking(self) -> bool:
        """Whether what is due is put aside until the endpoint is probed: it is at rest."""
        return self.is_active and self.circuit == self.Circuit.OPEN

    def close_circuit(self) -> None:
        """Let requests through again, without storing it."""
        self.circuit = self.Circuit.CLOSED
        self.failed_probes = 0
        self.probe_at = None

    def forget_failures(self) -> None:
        """Begin with a clean slate, without storing it: failures of before count no more."""
        self.failing_since = None
        self.consecutive_failures = 0
        self.close_circuit()

    def set_status(self, status: Webhook.Status, *, now: datetime, reason: str = "") -> None:
        """Store a new status, and all else that was changed."""
        # Nothing is sent that could be a probe, or all that waits is.
        self.close_circuit()
        self.status = status
        self.status_reason = reason
        self.note_change(now=now)

    def note_change(self, *, now: datetime) -> None:
        """Store what was changed, as another version."""
        self.version += 1
        self.updated_at = now
        self.save()


class EventSubscription(models.Model):
    """One event type that a webhook wants, on what conditions, and what part of the payload.

    `conditions` is the text of `delivery.conditions.dump_conditions`; an empty `selection` stands
    for the whole payload.
    """

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="event_subscriptions"
    )
    event_type = models.CharField(max_length=100)
    conditions = models.TextField(default="[]")
    selection = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["event_type", "webhook"], name="subscription_type")]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.event_type} → {self.webhook_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the subscription; raises `NotRegistered` for an unknown event type."""
        event_types.get(self.event_type)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Tell forms, such as those of the admin, of an unknown event type before it is saved."""
        if self.event_type not in event_types:
            message = f"There is no event type {self.event_type!r}."
            raise ValidationError({"event_type": message})
