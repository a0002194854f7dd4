"""Webhooks as callers describe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import strawberry

from api.inputs.retry import RetryPolicyInput, read_retry_policy
from api.types.event_type import EventTypeName
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec


@strawberry.input(description="A kind of event to be sent, and on what conditions.")
class EventSubscriptionInput:
    """A kind of event to be sent."""

    event_type: EventTypeName = strawberry.field(description="The kind of event.")

    def spec(self) -> EventSubscriptionSpec:
        """Return the subscription as it is to be."""
        return EventSubscriptionSpec(event_type=self.event_type.value)


@strawberry.input(description="What a new webhook is to be.")
class CreateWebhookInput:
    """What a new webhook is to be."""

    name: str = strawberry.field(description="A name for people, 1 to 100 characters.")
    url: str = strawberry.field(
        description="Where to send requests. `https`, unless the host project allows `http`."
    )
    events: list[EventSubscriptionInput] = strawberry.field(
        description="The events to send, at least one."
    )
    description: str = strawberry.field(default="", description="What it is for.")
    key: str | None = strawberry.field(
        default=None, description="Your own name for it, unique among your webhooks."
    )
    retry_policy: RetryPolicyInput | None = strawberry.field(
        default=None,
        description=(
            "When to try failed deliveries again. The host project's default when left out."
        ),
    )
    max_in_flight: int = strawberry.field(
        default=10, description="How many requests at most may be under way at once, 1 to 100."
    )
    timeout_seconds: int = strawberry.field(
        default=10, description="How long to wait for an answer, 1 to 30."
    )
    is_paused: bool = strawberry.field(default=False, description="Whether to start paused.")

    def spec(self) -> WebhookSpec:
        """Return the webhook as it is to be; raises `Refused` for a retry policy that cannot be."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        del given["is_paused"]
        return WebhookSpec(**_as_specified(given))


@strawberry.input(description="What to change of a webhook.")
class UpdateWebhookInput:
    """What to change of a webhook. What is absent stays as it is, which null does not say."""

    name: strawberry.Maybe[str | None] = strawberry.field(description="The new name.")
    url: strawberry.Maybe[str | None] = strawberry.field(description="The new URL.")
    events: strawberry.Maybe[list[EventSubscriptionInput] | None] = strawberry.field(
        description="The events to send from now on, in place of all before."
    )
    description: strawberry.Maybe[str | None] = strawberry.field(description="The new description.")
    key: strawberry.Maybe[str | None] = strawberry.field(
        description="The new key. Null takes it away."
    )
    retry_policy: strawberry.Maybe[RetryPolicyInput | None] = strawberry.field(
        description="The new retry policy. Null goes back to the default."
    )
    max_in_flight: strawberry.Maybe[int | None] = strawberry.field(
        description="How many requests at most may be under way at once, 1 to 100."
    )
    timeout_seconds: strawberry.Maybe[int | None] = strawberry.field(
        description="How long to wait for an answer, 1 to 30."
    )
    expected_version: strawberry.Maybe[int | None] = strawberry.field(
        description=(
            "Change it only if this is still its `version`; otherwise the answer is a `CONFLICT`."
        )
    )

    def changed(self, spec: WebhookSpec) -> WebhookSpec:
        """Return a webhook as it is to be, given what it is.

        Raises `Refused` for null where there must be a value, and for a retry policy that cannot
        be.
        """
        maybes = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: maybe.value for name, maybe in maybes.items() if maybe is not None}
        mistakes = [
            _missing(name)
            for name, value in given.items()
            if value is None and name not in _CLEARED_BY_NULL
        ]
        if mistakes:
            raise Refused(*mistakes)
        given.pop("expected_version", None)
        return replace(spec, **_as_specified(given))


_CLEARED_BY_NULL = frozenset({"key", "retry_policy"})


def _missing(name: str) -> Mistake:
    message = "This cannot be null. Give a value, or leave it out to keep what there is."
    return Mistake(code=ErrorCode.REQUIRED, message=message, path=(name,))


def _as_specified(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an input's fields as those of a `WebhookSpec`."""
    specified = dict(given)
    if "events" in given:
        specified["events"] = tuple(event.spec() for event in specified["events"])
    if "timeout_seconds" in given:
        specified["timeout"] = timedelta(seconds=specified.pop("timeout_seconds"))
    if given.get("retry_policy") is not None:
        specified["retry_policy"] = read_retry_policy(given["retry_policy"])
    return specified
