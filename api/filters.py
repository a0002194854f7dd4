"""Filters: which webhooks, events, deliveries, attempts and audit entries a list is to hold.

Each input knows the condition that it stands for. What belongs to others is kept out by the list,
not by its filter; an ID that is none simply matches nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from django.db.models import Exists, OuterRef, Q

from api.errors import bad_request
from api.pages import MOST
from api.types.audit import AuditAction
from api.types.event_type import EventTypeName
from api.types.states import AttemptOutcome, DeliveryOrigin, DeliveryStatus, WebhookStatus
from delivery import models
from events.ids import IdentifiedModel, is_public_id
from events.models import EventRecord
from events.texts import is_storable

# Databases refuse to search for very long texts, and nothing is found by them.
_LONGEST_TEXT = 200


@strawberry.input(description="Which webhooks to return.")
class WebhookFilterInput:
    """Which webhooks to return."""

    statuses: list[WebhookStatus] | None = strawberry.field(
        default=None, description="In any of these states."
    )
    event_types: list[EventTypeName] | None = strawberry.field(
        default=None, description="Subscribed to any of these."
    )
    keys: list[str] | None = strawberry.field(default=None, description="With any of these keys.")
    search: str | None = strawberry.field(
        default=None, description="With this text in the name or the URL."
    )

    @property
    def condition(self) -> Q:
        """What a row must meet."""
        subscriptions = models.EventSubscription.objects.filter(webhook=OuterRef("pk"))
        subscribed = subscriptions.filter(_in("event_type", self.event_types))
        return (
            _in("status", self.statuses)
            & _in("key", self.keys)
            & (Q() if self.event_types is None else Q(Exists(subscribed)))
            & (_is("name__icontains", self.search) | _is("url__icontains", self.search))
        )


@strawberry.input(description="Which events to return.")
class EventFilterInput:
    """Which events to return."""

    event_types: list[EventTypeName] | None = strawberry.field(
        default=None, description="Of any of these kinds."
    )
    occurred_after: datetime | None = strawberry.field(
        default=None, description="That happened at this moment or later."
    )
    occurred_before: datetime | None = strawberry.field(
        default=None, description="That happened before this moment."
    )
    is_test: bool | None = strawberry.field(
        default=None, description="Made by a ping or a test, or not."
    )

    @property
    def condition(self) -> Q:
        """What a row must meet."""
        return (
            _in("event_type", self.event_types)
            & _is("occurred_at__gte", self.occurred_after)
            & _is("occurred_at__lt", self.occurred_before)
            & _is("is_test", self.is_test)
        )


@strawberry.input(description="Which deliveries to return.")
class DeliveryFilterInput:
    """Which deliveries to return."""

    webhook_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="To any of these webhooks."
    )
    event_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of any of these events."
    )
    event_types: list[EventTypeName] | None = strawberry.field(
        default=None, description="Of events of any of these kinds."
    )
    statuses: list[DeliveryStatus] | None = strawberry.field(
        default=None, description="In any of these states."
    )
    origins: list[DeliveryOrigin] | None = strawberry.field(
        default=None, description="Made for any of these reasons."
    )
    created_after: datetime | None = strawberry.field(
        default=None, description="Made at this moment or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Made before this moment."
    )

    @property
    def condition(self) -> Q:
        """What a row must meet."""
        return (
            _of("webhook", models.Webhook, self.webhook_ids)
            & _of("event", EventRecord, self.event_ids)
            & _in("event__event_type", self.event_types)
            & _in("status", self.statuses)
            & _in("origin", self.origins)
            & _is("created_at__gte", self.created_after)
            & _is("created_at__lt", self.created_before)
        )


@strawberry.input(description="Which attempts to return.")
class DeliveryAttemptFilterInput:
    """Which attempts to return."""

    webhook_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="To any of these webhooks."
    )
    delivery_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="For any of these deliveries."
    )
    outcomes: list[AttemptOutcome] | None = strawberry.field(
        default=None, description="That ended in any of these ways."
    )
    status_codes: list[int] | None = strawberry.field(
        default=None, description="Answered with any of these status codes."
    )
    started_after: datetime | None = strawberry.field(
        default=None, description="Started at this moment or later."
    )
    started_before: datetime | None = strawberry.field(
        default=None, description="Started before this moment."
    )

    @property
    def condition(self) -> Q:
        """What a row must meet."""
        return (
            _of("delivery__webhook", models.Webhook, self.webhook_ids)
            & _of("delivery", models.Delivery, self.delivery_ids)
            & _in("outcome", self.outcomes)
            & _in("status_code", self.status_codes)
            & _is("started_at__gte", self.started_after)
            & _is("started_at__lt", self.started_before)
        )


@strawberry.input(description="Which audit entries to return.")
class AuditEntryFilterInput:
    """Which audit entries to return."""

    actions: list[AuditAction] | None = strawberry.field(
        default=None, description="Of any of these things done."
    )
    target_id: strawberry.ID | None = strawberry.field(
        default=None, description="Done to the object with this ID, be it there still or not."
    )
    happened_after: datetime | None = strawberry.field(
        default=None, description="That happened at this moment or later."
    )
    happened_before: datetime | None = strawberry.field(
        default=None, description="That happened before this moment."
    )

    @property
    def condition(self) -> Q:
        """What a row must meet."""
        return (
            _in("action", self.actions)
            & _with_id("target_id", self.target_id)
            & _is("happened_at__gte", self.happened_after)
            & _is("happened_at__lt", self.happened_before)
        )


def _is(lookup: str, value: object) -> Q:
    return Q() if value is None else Q(**{lookup: _storable(value)})


def _in(column: str, values: Sequence[object] | None) -> Q:
    if values is None:
        return Q()
    if len(values) > MOST:
        raise bad_request(f"A list in a filter may have {MOST} entries, not {len(values)}.")
    return Q(**{f"{column}__in": [_storable(value) for value in values]})


def _of(column: str, model: type[IdentifiedModel], ids: Sequence[str] | None) -> Q:
    keys = None if ids is None else [model.parse_id(public_id) for public_id in ids]
    return _in(column, keys if keys is None else [key for key in keys if key])


def _with_id(column: str, public_id: str | None) -> Q:
    # Of any kind; what is the ID of none may be no text that a database could look for.
    is_none = public_id is not None and not is_public_id(public_id)
    return Q(pk__in=[]) if is_none else _is(column, public_id)


def _storable(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        raise bad_request(
            f"A text in a filter may have {_LONGEST_TEXT} characters, not {len(value)}."
        )
    if isinstance(value, str) and not is_storable(value):
        raise bad_request("A text holds a character that is not text: NUL or half of a pair.")
    return value
