"""What the connection fields resolve to: lists of what belongs to the caller's owner."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import Parent

from api.access import owner_of
from api.filters import (
    AuditEntryFilterInput,
    DeliveryAttemptFilterInput,
    DeliveryFilterInput,
    EventFilterInput,
    WebhookFilterInput,
)
from api.models import ApiToken
from api.pages import First, ListOrder, Order, Page, page_of
from delivery import models
from events.models import EventRecord


def webhooks(
    info: strawberry.Info,
    first: First = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Return webhooks after this cursor.")
    ] = None,
    where: Annotated[
        WebhookFilterInput | None,
        strawberry.argument(
            name="filter", description="Return only webhooks that meet all of these."
        ),
    ] = None,
    order: Order = ListOrder.NEWEST_FIRST,
) -> Page[models.Webhook]:
    """Return a page of the owner's webhooks."""
    mine = models.Webhook.objects.visible_to(owner_of(info))
    return page_of(mine, info=info, first=first, after=after, where=where, order=order)


def events(
    info: strawberry.Info,
    first: First = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Return events after this cursor.")
    ] = None,
    where: Annotated[
        EventFilterInput | None,
        strawberry.argument(
            name="filter", description="Return only events that meet all of these."
        ),
    ] = None,
    order: Order = ListOrder.NEWEST_FIRST,
) -> Page[EventRecord]:
    """Return a page of the owner's events and of everyone's."""
    mine = EventRecord.objects.visible_to(owner_of(info))
    return page_of(mine, info=info, first=first, after=after, where=where, order=order)


def deliveries(
    info: strawberry.Info,
    first: First = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Return deliveries after this cursor.")
    ] = None,
    where: Annotated[
        DeliveryFilterInput | None,
        strawberry.argument(
            name="filter", description="Return only deliveries that meet all of these."
        ),
    ] = None,
    order: Order = ListOrder.NEWEST_FIRST,
) -> Page[models.Delivery]:
    """Return a page of the deliveries to the owner's webhooks."""
    mine = models.Delivery.objects.visible_to(owner_of(info))
    return page_of(mine, info=info, first=first, after=after, where=where, order=order)


def delivery_attempts(
    info: strawberry.Info,
    first: First = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Return attempts after this cursor.")
    ] = None,
    where: Annotated[
        DeliveryAttemptFilterInput | None,
        strawberry.argument(
            name="filter", description="Return only attempts that meet all of these."
        ),
    ] = None,
    order: Order = ListOrder.NEWEST_FIRST,
) -> Page[models.Attempt]:
    """Return a page of the requests made to the owner's webhooks."""
    mine = models.Attempt.objects.visible_to(owner_of(info))
    return page_of(mine, info=info, first=first, after=after, where=where, order=order)


def api_tokens(
    info: strawberry.Info,
    first: First = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Return tokens after this cursor.")
    ] = None,
) -> Page[ApiToken]:
    """Return a page of the owner's API tokens."""
    mine = ApiToken.objects.visible_to(owner_of(info))
    return page_of(mine, info=info, first=first, after=after)


def audit_entries(
    info: strawberry.Info,
    first: First = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Return audit entries after this cursor.")
    ] = None,
    where: Annotated[
        AuditEntryFilterInput | None,
        strawberry.argument(
            name="filter", description="Return only audit entries that meet all of these."
        ),
    ] = None,
    order: Order = ListOrder.NEWEST_FIRST,
) -> Page[models.AuditEntry]:
    """Return a page of what was done to what belongs to the owner."""
    mine = models.AuditEntry.objects.visible_to(owner_of(info))
    return page_of(mine, info=info, first=first, after=after, where=where, order=order)


# Lists within an object take a query for each object of an outer list: one query for all of them
# would have the database number every delivery that there is.


def deliveries_of_webhook(  # noqa: PLR0913, PLR0917 - the arguments of the field
    root: Parent[models.Webhook],
    info: strawberry.Info,
    first: First = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Return deliveries after this cursor.")
    ] = None,
    where: Annotated[
        DeliveryFilterInput | None,
        strawberry.argument(
            name="filter", description="Return only deliveries that meet all of these."
        ),
    ] = None,
    order: Order = ListOrder.NEWEST_FIRST,
) -> Page[models.Delivery]:
    """Return a page of the deliveries to a webhook."""
    its = models.Delivery.objects.visible_to(owner_of(info)).filter(webhook=root.pk)
    return page_of(its, info=info, first=first, after=after, where=where, order=order)


def deliveries_of_event(
    root: Parent[EventRecord],
    info: strawberry.Info,
    first: First = 20,
    after: Annotated[
        str | None, strawberry.argument(description="Return deliveries after this cursor.")
    ] = None,
) -> Page[models.Delivery]:
    """Return a page of the deliveries of an event to the owner's webhooks."""
    its = models.Delivery.objects.visible_to(owner_of(info)).filter(event=root.pk)
    return page_of(its, info=info, first=first, after=after)
