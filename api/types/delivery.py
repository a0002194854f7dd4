"""Deliveries, and lists of them."""

from __future__ import annotations

from datetime import datetime

import strawberry
import strawberry_django
from strawberry import Parent

from api.access import ApiTokenScope, RequiresScope
from api.pages import PageInfo
from api.types.attempt import DeliveryAttempt
from api.types.event import Event
from api.types.node import Node, id_of_row
from api.types.states import DeliveryOrigin, DeliveryStatus
from api.types.webhook import Webhook
from delivery import models


def _max_attempts(root: Parent[models.Delivery]) -> int:
    return root.webhook.policy.max_attempts


@strawberry_django.type(models.Delivery, description="One event on its way to one webhook.")
class Delivery(Node):
    """A row of `delivery.models.Delivery`."""

    id: strawberry.ID = id_of_row(
        "The delivery's ID, sent in the `webhook-id` header of each of its requests."
    )
    webhook: Webhook = strawberry_django.field(
        extensions=[RequiresScope(ApiTokenScope.WEBHOOKS_READ)], description="Where it goes."
    )
    event: Event = strawberry_django.field(
        extensions=[RequiresScope(ApiTokenScope.EVENTS_READ)], description="What it carries."
    )
    status: DeliveryStatus = strawberry_django.field(description="How it stands.")
    origin: DeliveryOrigin = strawberry_django.field(description="Why it was made.")
    attempts: list[DeliveryAttempt] = strawberry_django.field(
        description="The requests made for it, in order. There are never more than 100."
    )
    attempt_count: int = strawberry_django.field(description="How many requests were made.")
    max_attempts: int = strawberry_django.field(
        resolver=_max_attempts,
        select_related=["webhook"],
        only=["webhook__retry_policy"],
        description="How many requests will be made at most.",
    )
    next_attempt_at: datetime | None = strawberry_django.field(
        select_related=["webhook"],
        only=[
            *("status", "due_at", "is_behind", "completed_at"),
            *("webhook__status", "webhook__circuit", "webhook__probe_at"),
        ],
        description=(
            "When it is tried again. While the webhook's circuit is open, this is when the "
            "endpoint is probed, and may come later if that fails. Null when it is not tried "
            "again, is under way, or waits for the webhook to be resumed or for a delivery before "
            "it in their order to end."
        ),
    )
    created_at: datetime = strawberry_django.field(description="When it was made.")
    completed_at: datetime | None = strawberry_django.field(
        description="When it ended. Null while it has not."
    )


@strawberry.type(description="A delivery in a list.")
class DeliveryEdge:
    """A delivery in a list."""

    cursor: str = strawberry.field(description="Its place in the list.")
    node: Delivery = strawberry.field(description="The delivery.")


@strawberry.type(description="A page of deliveries.")
class DeliveryConnection:
    """A page of deliveries."""

    edges: list[DeliveryEdge] = strawberry.field(description="The deliveries on this page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
