"""Webhooks as callers describe them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from api.inputs.authentication import AuthenticationInput, read_authentication
from api.inputs.conditions import PayloadConditionInput, read_conditions
from api.inputs.retry import RetryPolicyInput, read_retry_policy
from api.inputs.signing import ABOUT_OWN, new_secret
from api.types.event_type import EventTypeName
from api.types.formats import PayloadFormat
from api.types.signing import SigningMethod
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.signing_secrets import NewSecret
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec


@strawberry.input(description="A kind of event to be sent, and on what conditions.")
class EventSubscriptionInput:
    """A kind of event to be sent."""

    event_type: EventTypeName = strawberry.field(description="The kind of event.")
    conditions: list[PayloadConditionInput] = strawberry.field(
        default_factory=list, description="What the payload must meet, all of them, 20 at most."
    )
    selection: str | None = strawberry.field(
        default=None,
        description=(
            "The part of the payload to send, as a GraphQL selection over the event type's object "
            "type. All of it when left out."
        ),
    )

    def spec(self) -> EventSubscriptionSpec:
        """Return the subscription as it is to be."""
        return EventSubscriptionSpec(
            event_type=self.event_type.value,
            conditions=read_conditions(self.conditions),
            selection=self.selection or "",
        )


@strawberry.input(description="A header to add to requests.")
class HttpHeaderInput:
    """A header to add to requests."""

    name: str = strawberry.field(description="The header's name.")
    value: str = strawberry.field(
        description=(
            "The header's value. It can be read again: put secrets under `authentication`."
        )
    )


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
    headers: list[HttpHeaderInput] = strawberry.field(
        default_factory=list, description="Headers to add to each request, 20 at most."
    )
    authentication: AuthenticationInput | None = strawberry.field(
        default=None, description="How requests prove who sends them, beside the signature."
    )
    retry_policy: RetryPolicyInput | None = strawberry.field(
        default=None,
        description=(
            "When to try failed deliveries again. The host project's default when left out."
        ),
    )
    format: PayloadFormat = strawberry.field(
        default=PayloadFormat.STANDARD, description="The form of the request's body."
    )
    callback: str | None = strawberry.field(
        default=None, description="The name of one of `deliveryCallbacks`."
    )
    max_in_flight: int = strawberry.field(
        default=10, description="How many requests at most may be under way at once, 1 to 100."
    )
    max_requests_per_minute: int | None = strawberry.field(
        default=None,
        description="How many requests at most are sent in a minute, 1 to 10,000; null: no limit.",
    )
    timeout_seconds: int = strawberry.field(
        default=10, description="How long to wait for an answer, 1 to 30."
    )
    is_paused: bool = strawberry.field(default=False, description="Whether to start paused.")
    signing_method: SigningMethod = strawberry.field(
        default=SigningMethod.HMAC_SHA256, description="How requests are signed."
    )
    signing_secret: str | None = strawberry.field(default=None, description=ABOUT_OWN)

    def spec(self) -> WebhookSpec:
        """Return the webhook as it is to be.

        Raises `Refused` for a retry policy or an authentication that cannot be.
        """
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in _NOT_IN_SPEC:
            del given[name]
        return WebhookSpec(**_as_specified(given))

    def secret(self) -> NewSecret:
        """Return its first signing secret as it is to be."""
        return new_secret(method=self.signing_method, own=self.signing_secret)


_NOT_IN_SPEC = ("is_paused", "signing_method", "signing_secret")


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
    headers: strawberry.Maybe[list[HttpHeaderInput] | None] = strawberry.field(
        description="The headers to add from now on, in place of all before."
    )
    authentication: strawberry.Maybe[AuthenticationInput | None] = strawberry.field(
        description="The new authentication. Null takes it away."
    )
    retry_policy: strawberry.Maybe[RetryPolicyInput | None] = strawberry.field(
        description="The new retry policy. Null goes back to the default."
    )
    format: strawberry.Maybe[PayloadFormat | None] = strawberry.field(
        description="The form of the request's body, for events from now on."
    )
    callback: strawberry.Maybe[str | None] = strawberry.field(
        description="The name of one of `deliveryCallbacks`. Null takes it away."
    )
    max_in_flight: strawberry.Maybe[int | None] = strawberry.field(
        description="How many requests at most may be under way at once, 1 to 100."
    )
    max_requests_per_minute: strawberry.Maybe[int | None] = strawberry.field(
        description="How many requests at most are sent in a minute, 1 to 10,000; null: no limit."
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

        Raises `Refused` for null where there must be a value, and for a retry policy or an
        authentication that cannot be.
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


def input_name(field: str) -> str:
    """Return what the input fields call a field of `WebhookSpec`."""
    return to_camel_case(_NAMES.get(field, field))


# Of the fields that `_as_specified` makes of others.
_NAMES: Mapping[str, str] = {"timeout": "timeout_seconds", "payload_format": "format"}

_CLEARED_BY_NULL = frozenset(
    {"key", "authentication", "retry_policy", "callback", "max_requests_per_minute"}
)


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
    if "headers" in given:
        specified["headers"] = tuple((header.name, header.value) for header in given["headers"])
    if "callback" in given:
        specified["callback"] = given["callback"] or ""
    if "format" in given:
        specified["payload_format"] = specified.pop("format").value
    return {**specified, **_choices(given)}


_READERS: Mapping[str, Callable[[Any], object]] = {
    "authentication": read_authentication,
    "retry_policy": read_retry_policy,
}


def _choices(given: Mapping[str, Any]) -> dict[str, object]:
    chosen: dict[str, object] = {}
    mistakes: list[Mistake] = []
    for name, read in _READERS.items():
        if given.get(name) is not None:
            try:
                chosen[name] = read(given[name])
            except Refused as refused:
                mistakes += refused.mistakes
    if mistakes:
        raise Refused(*mistakes)
    return chosen
