"""The states that things can be in, and the reasons for them, as enums of the schema."""

from __future__ import annotations

import enum

import strawberry

from delivery import models
from delivery.http.outcomes import Phase


@strawberry.enum(description="States of a webhook.")
class WebhookStatus(enum.Enum):
    """States of a webhook; a value is what a row holds, here and below."""

    ACTIVE = strawberry.enum_value(
        models.Webhook.Status.ACTIVE.value, description="Events are sent."
    )
    PAUSED = strawberry.enum_value(
        models.Webhook.Status.PAUSED.value, description="A person stopped it for now."
    )
    SUSPENDED = strawberry.enum_value(
        models.Webhook.Status.SUSPENDED.value,
        description="The system stopped it: its endpoint is gone, or accepted nothing for days.",
    )
    CANCELLED = strawberry.enum_value(
        models.Webhook.Status.CANCELLED.value, description="It is over."
    )


@strawberry.enum(description="States of a delivery.")
class DeliveryStatus(enum.Enum):
    """States of a delivery."""

    PENDING = strawberry.enum_value(
        models.Delivery.Status.PENDING.value, description="It waits for its first attempt."
    )
    SENDING = strawberry.enum_value(
        models.Delivery.Status.SENDING.value, description="A request is under way."
    )
    RETRYING = strawberry.enum_value(
        models.Delivery.Status.RETRYING.value,
        description="An attempt failed; it waits for the next.",
    )
    SUCCEEDED = strawberry.enum_value(
        models.Delivery.Status.SUCCEEDED.value, description="The endpoint accepted it."
    )
    FAILED = strawberry.enum_value(
        models.Delivery.Status.FAILED.value,
        description="The retry policy gave up, or sending was broken off five times.",
    )
    CANCELLED = strawberry.enum_value(
        models.Delivery.Status.CANCELLED.value, description="Its webhook was cancelled."
    )


@strawberry.enum(description="Why a delivery was made.")
class DeliveryOrigin(enum.Enum):
    """Why a delivery was made."""

    EVENT = strawberry.enum_value(
        models.Delivery.Origin.EVENT.value, description="The event happened."
    )


@strawberry.enum(description="Ways an attempt can end.")
class AttemptOutcome(enum.Enum):
    """Ways an attempt can end."""

    SUCCEEDED = strawberry.enum_value(
        models.Attempt.Outcome.SUCCEEDED.value,
        description="The endpoint answered with a status from 200 to 299.",
    )
    REJECTED = strawberry.enum_value(
        models.Attempt.Outcome.REJECTED.value,
        description="The endpoint answered with another status.",
    )
    TIMED_OUT = strawberry.enum_value(
        models.Attempt.Outcome.TIMED_OUT.value, description="No answer came in time."
    )
    CONNECTION_FAILED = strawberry.enum_value(
        models.Attempt.Outcome.CONNECTION_FAILED.value,
        description="No connection could be made, or it broke.",
    )
    TLS_FAILED = strawberry.enum_value(
        models.Attempt.Outcome.TLS_FAILED.value,
        description="The endpoint's certificate was refused.",
    )
    ADDRESS_BLOCKED = strawberry.enum_value(
        models.Attempt.Outcome.ADDRESS_BLOCKED.value,
        description="Requests may not be sent to this URL, or to where its host leads.",
    )
    INTERRUPTED = strawberry.enum_value(
        models.Attempt.Outcome.INTERRUPTED.value,
        description="Sending was broken off five times, as by workers that died of it.",
    )


@strawberry.enum(description="Parts of an attempt, in their order.")
class AttemptPhase(enum.Enum):
    """Parts of an attempt, in their order."""

    RESOLVE = strawberry.enum_value(
        Phase.RESOLVE.value, description="The host's name is looked up."
    )
    CONNECT = strawberry.enum_value(Phase.CONNECT.value, description="A connection is opened.")
    TLS = strawberry.enum_value(Phase.TLS.value, description="TLS is set up.")
    WRITE = strawberry.enum_value(Phase.WRITE.value, description="The request is sent.")
    HEAD = strawberry.enum_value(
        Phase.HEAD.value, description="The status and headers of the answer are awaited."
    )
