"""What a webhook may be: the rules that every door applies, and the mistakes they find."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from itertools import chain, islice

from django.apps import apps
from django.db import models

from delivery.authentication import Authentication, store_authentication
from delivery.callbacks import callback_mistakes
from delivery.conditions import PayloadCondition
from delivery.conditions.condition import dump_conditions
from delivery.conditions.rules import condition_mistakes, pattern_mistakes
from delivery.conf import delivery_settings
from delivery.errors import ErrorCode, Mistake, Refused, not_storable
from delivery.formats import STANDARD, payload_formats
from delivery.headers import header_mistakes
from delivery.http.endpoints import InvalidEndpoint, parse_endpoint
from delivery.http.headers import Headers
from delivery.models import Webhook
from delivery.retry import RetryPolicy, store_policy
from delivery.selection import selection_mistakes
from events.conf import owner_model
from events.event import event_types
from events.fields import JsonValue
from events.texts import is_storable

MAX_NAME = 100
_MAX_DESCRIPTION = 2_000
_MAX_TIMEOUT = timedelta(seconds=30)
_FASTEST_PACE = 10_000
_MAX_IN_FLIGHT = 100
_MAX_EVENTS = 100
_MOST_MISTAKES = 100


@dataclass(frozen=True, kw_only=True)
class EventSubscriptionSpec:
    """An event type to be sent, if all conditions are met, and which part of its payload.

    `selection` is a GraphQL selection over the event type's object type; empty for all of it.
    """

    event_type: str
    conditions: tuple[PayloadCondition, ...] = ()
    selection: str = ""


@dataclass(frozen=True, kw_only=True)
class WebhookSpec:
    """A webhook as its owner describes it. No retry policy means the default one.

    `headers` are pairs of name and value; `payload_format` is the name of a registered format, and
    `callback` that of a registered callback, if any.
    """

    name: str
    url: str
    events: tuple[EventSubscriptionSpec, ...]
    description: str = ""
    key: str | None = None
    headers: Headers = ()
    authentication: Authentication | None = None
    retry_policy: RetryPolicy | None = None
    payload_format: str = STANDARD
    callback: str = ""
    timeout: timedelta = timedelta(seconds=10)
    max_in_flight: int = 10
    max_requests_per_minute: int | None = None

    @property
    def fingerprint(self) -> str:
        """A digest of the URL and the events, equal for webhooks that would get the same."""
        wanted = {(e.event_type, dump_conditions(e.conditions), e.selection) for e in self.events}
        text = json.dumps([self.url, sorted(wanted)])
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def stored_policy(self) -> JsonValue:
        """The retry policy as it is stored."""
        return store_policy(self.retry_policy).to_json() if self.retry_policy else None

    @property
    def stored_authentication(self) -> JsonValue:
        """The authentication as it is stored."""
        return dict(store_authentication(self.authentication)) if self.authentication else None

    def differences_from(self, other: WebhookSpec) -> list[str]:
        """Return the names of the fields that differ."""
        names = [field.name for field in fields(self)]
        return [name for name in names if getattr(self, name) != getattr(other, name)]


def check(
    spec: WebhookSpec, *, before: WebhookSpec | None = None, beside: Iterable[Mistake] = ()
) -> None:
    """Raise `Refused` with the mistakes in `spec` that were not in it before, 100 at most.

    Those `beside` it, in what else was asked for, are told of together with them.

    What was allowed once and is not any more, such as an event type whose class is gone, does not
    keep its owner from changing something else.
    """
    old = set(_mistakes(before)) if before else set()
    new = (mistake for mistake in _mistakes(spec) if mistake not in old)
    moved = _check_move(before, spec) if before else ()
    # No more are looked for: to tell of each takes time.
    if mistakes := tuple(islice(chain(beside, new, moved), _MOST_MISTAKES)):
        raise Refused(*mistakes)


def _mistakes(spec: WebhookSpec) -> Iterator[Mistake]:
    for rule in _RULES:
        yield from rule(spec)


def _check_move(before: WebhookSpec, after: WebhookSpec) -> Iterator[Mistake]:
    # The very object: who gives the authentication anew, be it the same, knows its secret. Others
    # could have it sent to a host of theirs.
    is_kept = after.authentication is not None and after.authentication is before.authentication
    if is_kept and _host(before.url) != _host(after.url):
        yield Mistake(
            code=ErrorCode.REQUIRED,
            message="The URL leads to another host. Give the authentication again, or null.",
            path=("authentication",),
        )


def _host(url: str) -> list[str]:
    """Return the scheme, the host and the port of a URL, as they are written."""
    return url.lower().split("/", maxsplit=3)[:3]


def check_room(owner: models.Model) -> None:
    """Raise `Refused` if the owner has as many webhooks as one may have."""
    limit = delivery_settings().max_webhooks
    # The owner is locked, so that of two webhooks made at once one is counted by the other.
    owners: type[models.Model] = apps.get_model(owner_model())
    owners._base_manager.select_for_update(no_key=True).filter(pk=owner.pk).first()  # noqa: SLF001 - public, says Django
    live = Webhook.objects.visible_to(owner).exclude(status=Webhook.Status.CANCELLED)
    if live.count() >= limit:
        raise Refused(
            Mistake(
                code=ErrorCode.LIMIT_REACHED,
                message=f"There may be {limit} webhooks at most. Cancel one that is not needed.",
            )
        )


def _check_texts(spec: WebhookSpec) -> Iterator[Mistake]:
    yield from text_mistakes("name", spec.name, maximum=MAX_NAME)
    yield from text_mistakes(
        "description", spec.description, maximum=_MAX_DESCRIPTION, may_be_empty=True
    )
    if spec.key is not None:
        yield from text_mistakes("key", spec.key, maximum=MAX_NAME)


def text_mistakes(
    field: str, text: str, *, maximum: int, may_be_empty: bool = False
) -> Iterator[Mistake]:
    """Find what keeps a text from being stored: its length, or characters that are no text."""
    if not may_be_empty and not text.strip():
        message = f"The {field} is empty. Give it 1 to {maximum} characters."
        yield Mistake(code=ErrorCode.REQUIRED, message=message, path=(field,))
    if len(text) > maximum:
        message = f"The {field} may have {maximum} characters at most, not {len(text)}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=(field,))
    if not is_storable(text):
        yield not_storable(field, path=(field,))


def _check_url(spec: WebhookSpec) -> Iterator[Mistake]:
    rules = delivery_settings().endpoint_rules
    try:
        endpoint = parse_endpoint(spec.url, rules=rules)
    except InvalidEndpoint as error:
        yield Mistake(code=ErrorCode.INVALID, message=str(error), path=("url",))
        return
    # A name is judged by what it leads to whenever a request is sent, an address here as well.
    if endpoint.address and not rules.addresses.permits(endpoint.address, host=endpoint.host):
        message = "Requests may not be sent to this address. Use one that is on the internet."
        yield Mistake(code=ErrorCode.FORBIDDEN_ADDRESS, message=message, path=("url",))


def _check_events(spec: WebhookSpec) -> Iterator[Mistake]:
    if not spec.events:
        message = "Name at least one kind of event."
        yield Mistake(code=ErrorCode.REQUIRED, message=message, path=("events",))
    if len(spec.events) > _MAX_EVENTS:
        message = f"There may be {_MAX_EVENTS} events at most, not {len(spec.events)}."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=("events",))
    all_conditions = [condition for wanted in spec.events for condition in wanted.conditions]
    if excess := list(pattern_mistakes(all_conditions, path=("events",))):
        yield from excess
        return
    for index, wanted in enumerate(spec.events[:_MAX_EVENTS]):
        path = ("events", str(index))
        if (event_type := event_types.find(wanted.event_type)) is None:
            message = f"There is no event type {wanted.event_type!r}."
            yield Mistake(code=ErrorCode.INVALID, message=message, path=(*path, "event_type"))
            continue
        conditions = wanted.conditions
        yield from condition_mistakes(event_type, conditions, path=(*path, "conditions"))
        yield from selection_mistakes(event_type, wanted.selection, path=(*path, "selection"))


def _check_request(spec: WebhookSpec) -> Iterator[Mistake]:
    yield from header_mistakes(spec.headers, authentication=spec.authentication)
    if spec.payload_format not in payload_formats:
        message = f"There is no payload format {spec.payload_format!r}."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=("format",))
    yield from callback_mistakes(spec.callback)


def _check_numbers(spec: WebhookSpec) -> Iterator[Mistake]:
    if not timedelta(seconds=1) <= spec.timeout <= _MAX_TIMEOUT:
        message = f"The timeout must be 1 to {_MAX_TIMEOUT.seconds} seconds."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=("timeout_seconds",))
    if not 1 <= spec.max_in_flight <= _MAX_IN_FLIGHT:
        message = f"There may be 1 to {_MAX_IN_FLIGHT} requests under way at once."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=("max_in_flight",))
    pace = spec.max_requests_per_minute
    if pace is not None and not 1 <= pace <= _FASTEST_PACE:
        message = f"There may be 1 to {_FASTEST_PACE} requests in a minute. Null is no limit."
        path = ("max_requests_per_minute",)
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=path)


_RULES: tuple[Callable[[WebhookSpec], Iterator[Mistake]], ...] = (
    _check_texts,
    _check_url,
    _check_events,
    _check_request,
    _check_numbers,
)
