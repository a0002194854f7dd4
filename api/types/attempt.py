"""Attempts: what was sent, what came back, and lists of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
import strawberry_django
from strawberry import Parent

from api.pages import PageInfo
from api.types.http import HttpRequest, HttpResponse, http_headers
from api.types.node import Node, id_of_row
from api.types.states import AttemptOutcome, AttemptPhase
from delivery import models
from delivery.conf import delivery_settings
from delivery.formats.rendering import Form, render
from delivery.http.request import CannotSend

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from api.types.delivery import Delivery


def _request(root: Parent[models.Attempt]) -> HttpRequest:
    return HttpRequest(
        method="POST",
        url=root.request_url,
        headers=http_headers(root.request_headers),
        body=_body(root),
    )


def _body(attempt: models.Attempt) -> str | None:
    """Return the body that was sent, made anew as it was made then."""
    if not attempt.request_headers:
        return None
    delivery = attempt.delivery
    form = Form(payload_format=delivery.payload_format, selection=delivery.selection)
    try:
        body = render(
            delivery.event,
            form=form,
            webhook_id=delivery.webhook_id,
            url=attempt.request_url,
            source=delivery_settings().event_source,
        )
    except CannotSend:
        return None
    return body.content.decode(errors="replace")


def _response(root: Parent[models.Attempt]) -> HttpResponse | None:
    if root.status_code is None:
        return None
    return HttpResponse(
        status_code=root.status_code,
        headers=http_headers(root.response_headers or ()),
        body=root.response_body,
        is_body_truncated=root.is_body_truncated,
    )


def _error_message(root: Parent[models.Attempt]) -> str | None:
    return root.error_message or None


def _timed_out_phase(root: Parent[models.Attempt]) -> AttemptPhase | None:
    return AttemptPhase(root.timed_out_phase) if root.timed_out_phase else None


def _duration_milliseconds(root: Parent[models.Attempt]) -> int | None:
    return root.duration // timedelta(milliseconds=1)


@strawberry_django.type(models.Attempt, description="One HTTP request made for a delivery.")
class DeliveryAttempt(Node):
    """A row of `delivery.models.Attempt`."""

    id: strawberry.ID = id_of_row("The attempt's ID.")
    delivery: Annotated[Delivery, strawberry.lazy("api.types.delivery")] = strawberry_django.field(
        description="What it was made for."
    )
    number: int = strawberry_django.field(description="Its number, from 1.")
    outcome: AttemptOutcome = strawberry_django.field(description="How it ended.")
    request: HttpRequest = strawberry_django.field(
        resolver=_request,
        select_related=["delivery__event"],
        only=[
            "request_url",
            "request_headers",
            "delivery__webhook_id",
            "delivery__payload_format",
            "delivery__selection",
            "delivery__event__event_type",
            "delivery__event__occurred_at",
            "delivery__event__payload",
        ],
        description="What was sent.",
    )
    response: HttpResponse | None = strawberry_django.field(
        resolver=_response,
        only=["status_code", "response_headers", "response_body", "is_body_truncated"],
        description="What came back. Null when nothing did.",
    )
    error_message: str | None = strawberry_django.field(
        resolver=_error_message,
        only=["error_message"],
        description="What went wrong. Null when it succeeded.",
    )
    timed_out_phase: AttemptPhase | None = strawberry_django.field(
        resolver=_timed_out_phase,
        only=["timed_out_phase"],
        description="What it was doing when its time was up. Null when it did not time out.",
    )
    remote_address: str | None = strawberry_django.field(
        description=(
            "The IP address that was dialled. Null when none was, or when it is not public."
        )
    )
    duration_milliseconds: int | None = strawberry_django.field(
        resolver=_duration_milliseconds,
        only=["duration"],
        description="How long it took. Null while it is under way.",
    )
    started_at: datetime = strawberry_django.field(description="When it was started.")

    @classmethod
    def get_queryset(
        cls, attempts: QuerySet[models.Attempt], _info: object, **_: Any
    ) -> QuerySet[models.Attempt]:
        """Put the attempts of a delivery in order."""
        return attempts.order_by("number")


@strawberry.type(description="An attempt in a list.")
class DeliveryAttemptEdge:
    """An attempt in a list."""

    cursor: str = strawberry.field(description="Its place in the list.")
    node: DeliveryAttempt = strawberry.field(description="The attempt.")


@strawberry.type(description="A page of attempts.")
class DeliveryAttemptConnection:
    """A page of attempts."""

    edges: list[DeliveryAttemptEdge] = strawberry.field(description="The attempts on this page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
