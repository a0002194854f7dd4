"""Everything that can be read, by the fields at the root."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import strawberry
import strawberry_django
from django.db.models import QuerySet

from api import lists
from api.access import ApiTokenScope, RequiresScope, caller_of, owner_of
from api.inputs.ids import key_in
from api.nodes import find_nodes
from api.previews import payload_filter_preview
from api.types.attempt import DeliveryAttemptConnection
from api.types.audit import AuditEntryConnection
from api.types.callbacks import DeliveryCallback, find_delivery_callbacks
from api.types.conditions import PayloadFilterPreview
from api.types.delivery import Delivery, DeliveryConnection
from api.types.event import Event, EventConnection
from api.types.event_type import EventType, EventTypeName, event_type_named
from api.types.explanation import DeliveryExplanation, shown_explanation
from api.types.node import Node
from api.types.owner import Viewer, viewer_of
from api.types.retry import RetryPolicyKind, retry_policy_kinds
from api.types.token import ApiTokenConnection
from api.types.webhook import Webhook, WebhookConnection
from delivery import models
from delivery.explanation import explain_delivery
from events.event import event_types
from events.ids import IdentifiedModel
from events.models import EventRecord

Row = TypeVar("Row", bound=IdentifiedModel)

_WEBHOOKS = [RequiresScope(ApiTokenScope.WEBHOOKS_READ)]
_EVENTS = [RequiresScope(ApiTokenScope.EVENTS_READ)]
_DELIVERIES = [RequiresScope(ApiTokenScope.DELIVERIES_READ)]
_AUDIT = [RequiresScope(ApiTokenScope.AUDIT_READ)]
_TOKENS = [RequiresScope(ApiTokenScope.TOKENS_MANAGE)]


def _viewer(info: strawberry.Info) -> Viewer | None:
    caller = caller_of(info)
    return viewer_of(caller) if caller else None


def _node(
    info: strawberry.Info,
    public_id: Annotated[
        strawberry.ID, strawberry.argument(name="id", description="The ID of the object.")
    ],
) -> Any:
    return find_nodes([public_id], info=info)[0]


def _nodes(
    info: strawberry.Info,
    ids: Annotated[
        list[strawberry.ID],
        strawberry.argument(description="The IDs of the objects, 100 at most."),
    ],
) -> list[Any]:
    return find_nodes(ids, info=info)


def _with_id(mine: QuerySet[Row], public_id: str) -> QuerySet[Row]:
    """Keep the row with an ID, if there is one; the field takes it, with what is selected of it."""
    key = mine.model.parse_id(public_id)
    return mine.filter(pk=key) if key else mine.none()


def _webhook(
    info: strawberry.Info,
    public_id: Annotated[
        strawberry.ID, strawberry.argument(name="id", description="The ID of the webhook.")
    ],
) -> QuerySet[models.Webhook]:
    return _with_id(models.Webhook.objects.visible_to(owner_of(info)), public_id)


def _event(
    info: strawberry.Info,
    public_id: Annotated[
        strawberry.ID, strawberry.argument(name="id", description="The ID of the event.")
    ],
) -> QuerySet[EventRecord]:
    return _with_id(EventRecord.objects.visible_to(owner_of(info)), public_id)


def _delivery(
    info: strawberry.Info,
    public_id: Annotated[
        strawberry.ID,
        strawberry.argument(
            name="id", description="The ID of the delivery, as sent in the `webhook-id` header."
        ),
    ],
) -> QuerySet[models.Delivery]:
    return _with_id(models.Delivery.objects.visible_to(owner_of(info)), public_id)


def _event_types() -> list[EventType]:
    return [event_type_named(name) for name in event_types.names()]


def _event_type(
    name: Annotated[EventTypeName, strawberry.argument(description="Which kind.")],
) -> EventType:
    return event_type_named(name.value)


def _delivery_explanation(
    info: strawberry.Info,
    event_id: Annotated[strawberry.ID, strawberry.argument(description="The ID of the event.")],
    webhook_id: Annotated[strawberry.ID, strawberry.argument(description="The ID of the webhook.")],
) -> DeliveryExplanation | None:
    found = explain_delivery(
        owner=owner_of(info),
        event_id=key_in(event_id, model=EventRecord),
        webhook_id=key_in(webhook_id, model=models.Webhook),
    )
    return shown_explanation(found) if found else None


@strawberry.type(
    description=(
        "Everything that can be read. Lists hold only what belongs to the caller's owner; "
        "an object of somebody else's reads as null."
    )
)
class Query:
    """Everything that can be read. `null` at the root keeps one failure from hiding the rest."""

    viewer: Viewer | None = strawberry_django.field(
        resolver=_viewer, description="Who is asking. Null for a caller who is not signed in."
    )
    node: Node | None = strawberry_django.field(
        resolver=_node,
        description="Any object by its ID. Null when there is none, or none you may see.",
    )
    nodes: list[Node | None] | None = strawberry_django.field(
        resolver=_nodes,
        description="Several objects by their IDs, in the order asked, null where there is none.",
    )
    webhook: Webhook | None = strawberry_django.field(
        resolver=_webhook, extensions=_WEBHOOKS, description="One webhook."
    )
    webhooks: WebhookConnection | None = strawberry_django.field(
        resolver=lists.webhooks, extensions=_WEBHOOKS, description="Your webhooks."
    )
    event_types: list[EventType] | None = strawberry_django.field(
        resolver=_event_types,
        extensions=_EVENTS,
        description="Every kind of event that can be subscribed to, by name.",
    )
    event_type: EventType | None = strawberry_django.field(
        resolver=_event_type, extensions=_EVENTS, description="One kind of event."
    )
    event: Event | None = strawberry_django.field(
        resolver=_event, extensions=_EVENTS, description="One event."
    )
    events: EventConnection | None = strawberry_django.field(
        resolver=lists.events, extensions=_EVENTS, description="Events that have happened."
    )
    delivery: Delivery | None = strawberry_django.field(
        resolver=_delivery, extensions=_DELIVERIES, description="One delivery."
    )
    deliveries: DeliveryConnection | None = strawberry_django.field(
        resolver=lists.deliveries,
        extensions=_DELIVERIES,
        description="Deliveries to your webhooks.",
    )
    delivery_attempts: DeliveryAttemptConnection | None = strawberry_django.field(
        resolver=lists.delivery_attempts,
        extensions=_DELIVERIES,
        description="Single HTTP requests made to your webhooks.",
    )
    retry_policy_kinds: list[RetryPolicyKind] | None = strawberry_django.field(
        resolver=retry_policy_kinds,
        extensions=_WEBHOOKS,
        description="The retry policies that can be chosen, the host project's own included.",
    )
    payload_filter_preview: PayloadFilterPreview | None = strawberry_django.field(
        resolver=payload_filter_preview,
        extensions=_WEBHOOKS,
        description="Whether conditions would let a payload through. Nothing is stored or sent.",
    )
    delivery_callbacks: list[DeliveryCallback] | None = strawberry_django.field(
        resolver=find_delivery_callbacks,
        extensions=_WEBHOOKS,
        description="The callbacks that a webhook can name, as the project registered them.",
    )
    delivery_explanation: DeliveryExplanation | None = strawberry_django.field(
        resolver=_delivery_explanation,
        extensions=_DELIVERIES,
        description=(
            "Why an event was or was not sent to a webhook: the delivery if there is one, "
            "else the first rule that kept it back."
        ),
    )
    audit_entries: AuditEntryConnection | None = strawberry_django.field(
        resolver=lists.audit_entries,
        extensions=_AUDIT,
        description="Who did what to your webhooks, deliveries and API tokens, and when.",
    )
    api_tokens: ApiTokenConnection | None = strawberry_django.field(
        resolver=lists.api_tokens, extensions=_TOKENS, description="Your API tokens."
    )
