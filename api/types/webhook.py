"""Webhooks, what belongs to them, and lists of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry_django
from strawberry import Parent

from api.access import ApiTokenScope, RequiresScope
from api.lists import deliveries_of_webhook
from api.pages import PageInfo
from api.types.authentication import Authentication
from api.types.conditions import PayloadCondition, condition_of
from api.types.event_type import EventType, event_type_named
from api.types.formats import PayloadFormat, format_named
from api.types.health import HEALTH_COLUMNS, WebhookHealth, health_of
from api.types.http import HttpHeader, http_headers
from api.types.node import Node, id_of_row
from api.types.owner import Owner, owner_of_row
from api.types.retry import RetryPolicy
from api.types.signing import SigningSecret
from api.types.states import WebhookStatus
from delivery import models
from delivery.conditions.condition import readable_conditions

if TYPE_CHECKING:
    from api.types.delivery import DeliveryConnection


def _event_type(root: Parent[models.EventSubscription]) -> EventType:
    return event_type_named(root.event_type)


def _conditions(root: Parent[models.EventSubscription]) -> list[PayloadCondition]:
    return [condition_of(stored) for stored in readable_conditions(root.conditions)]


def _selection(root: Parent[models.EventSubscription]) -> str | None:
    return root.selection or None


@strawberry_django.type(
    models.EventSubscription,
    description="One kind of event that a webhook is sent, and on what conditions.",
)
class EventSubscription:
    """A row of `delivery.models.EventSubscription`."""

    event_type: EventType = strawberry_django.field(
        resolver=_event_type, only=["event_type"], description="The kind of event."
    )
    conditions: list[PayloadCondition] = strawberry_django.field(
        resolver=_conditions,
        only=["conditions"],
        description=(
            "What the payload must meet, all of them. Empty for every event of this kind."
        ),
    )
    selection: str | None = strawberry_django.field(
        resolver=_selection,
        only=["selection"],
        description=(
            "The part of the payload that is sent, as a GraphQL selection over the event type's "
            "object type, such as `{ orderId customer { email } }`. Null for all of it."
        ),
    )


def _owner(root: Parent[models.Webhook]) -> Owner:
    return owner_of_row(root.owner)


def _headers(root: Parent[models.Webhook]) -> list[HttpHeader]:
    return http_headers(root.headers)


def _format(root: Parent[models.Webhook]) -> PayloadFormat | None:
    return format_named(root.payload_format)


def _status_reason(root: Parent[models.Webhook]) -> str | None:
    return root.status_reason or None


def _health(root: Parent[models.Webhook]) -> WebhookHealth:
    return health_of(root)


def _callback(root: Parent[models.Webhook]) -> str | None:
    return root.callback or None


def _timeout_seconds(root: Parent[models.Webhook]) -> int:
    return root.timeout // timedelta(seconds=1)


@strawberry_django.type(
    models.Webhook, description="An endpoint and the events that are sent to it."
)
class Webhook(Node):
    """A row of `delivery.models.Webhook`."""

    id: strawberry.ID = id_of_row("The webhook's ID.")
    key: str | None = strawberry_django.field(
        description=(
            "The owner's own name for it, unique among the owner's webhooks, "
            "for tools that manage webhooks as code."
        )
    )
    name: str = strawberry_django.field(description="A name for people.")
    description: str = strawberry_django.field(description="What it is for. May be empty.")
    owner: Owner = strawberry_django.field(
        resolver=_owner, select_related=["owner"], description="Whom it belongs to."
    )
    url: str = strawberry_django.field(description="Where requests are sent.")
    status: WebhookStatus = strawberry_django.field(description="Whether events are sent.")
    status_reason: str | None = strawberry_django.field(
        resolver=_status_reason,
        only=["status_reason"],
        description="Why the system suspended it. Null in any other state.",
    )
    health: WebhookHealth = strawberry_django.field(
        resolver=_health, only=HEALTH_COLUMNS, description="How sending to it has gone."
    )
    events: list[EventSubscription] = strawberry_django.field(
        field_name="event_subscriptions",
        description=(
            "The events it is sent. One kind may stand here more than once: "
            "an event that meets any of them is sent, once."
        ),
    )
    headers: list[HttpHeader] = strawberry_django.field(
        resolver=_headers, only=["headers"], description="Headers added to each request."
    )
    authentication: Authentication | None = strawberry_django.field(
        field_name="endpoint_authentication",
        only=["authentication"],
        description=(
            "How requests prove who sends them, beside the signature. Null for not at all."
        ),
    )
    retry_policy: RetryPolicy = strawberry_django.field(
        field_name="policy",
        only=["retry_policy"],
        description="When failed deliveries are tried again.",
    )
    format: PayloadFormat | None = strawberry_django.field(
        resolver=_format,
        only=["payload_format"],
        description=(
            "The form of the request's body. Null when the host project no longer registers it: "
            "requests fail until it does, or another is chosen for events to come."
        ),
    )
    callback: str | None = strawberry_django.field(
        resolver=_callback,
        only=["callback"],
        description=(
            "The name of the callback that the project runs after each attempt, one of "
            "`deliveryCallbacks`."
        ),
    )
    timeout_seconds: int = strawberry_django.field(
        resolver=_timeout_seconds, only=["timeout"], description="How long to wait for an answer."
    )
    max_in_flight: int = strawberry_django.field(
        description="How many requests at most are under way at once."
    )
    max_requests_per_minute: int | None = strawberry_django.field(
        description="How many requests at most are sent in a minute. Null for no limit."
    )
    signing_secrets: list[SigningSecret] = strawberry_django.field(
        description=(
            "The secrets that sign requests now, the newest first. "
            "The secrets themselves are never shown."
        )
    )
    deliveries: Annotated[DeliveryConnection, strawberry.lazy("api.types.delivery")] = (
        strawberry_django.field(
            resolver=deliveries_of_webhook,
            extensions=[RequiresScope(ApiTokenScope.DELIVERIES_READ)],
            description="Deliveries to it.",
        )
    )
    version: int = strawberry_django.field(
        description=(
            "Grows by one with each change. Pass it as `expectedVersion` "
            "to not undo another person's change."
        )
    )
    created_at: datetime = strawberry_django.field(description="When it was made.")
    updated_at: datetime = strawberry_django.field(description="When it was last changed.")
    cancelled_at: datetime | None = strawberry_django.field(description="When it was cancelled.")


@strawberry.type(description="A webhook in a list.")
class WebhookEdge:
    """A webhook in a list."""

    cursor: str = strawberry.field(description="Its place in the list.")
    node: Webhook = strawberry.field(description="The webhook.")


@strawberry.type(description="A page of webhooks.")
class WebhookConnection:
    """A page of webhooks."""

    edges: list[WebhookEdge] = strawberry.field(description="The webhooks on this page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    total_count: int = strawberry_django.field(description="How many there are in all.")
