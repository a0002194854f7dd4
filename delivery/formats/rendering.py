"""Rendering: from an event record to the body that carries it, made once for all who share it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar
from uuid import UUID

from delivery.foreign import guarded
from delivery.formats.format import Message, PayloadFormat, payload_formats
from delivery.http.request import CannotSend
from delivery.models import Webhook
from delivery.selection import select_payload
from events.ids import public_id
from events.models import EventRecord

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A body, the message that it was made of, and the format that made it."""

    content: bytes
    message: Message
    format: PayloadFormat


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """In what form an event is sent: the registered name of a format, and a selection."""

    payload_format: str
    selection: str


class Once(Generic[T]):
    """Something that is made when it is first asked for, once, for however many threads ask."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: T | CannotSend | None = None

    def __call__(self) -> T:
        """Return it; raises `CannotSend`, to all who ask, if making it did."""
        with self._lock:
            made = self._made
            if made is None:
                try:
                    made = self._make()
                except CannotSend as failure:
                    made = failure
                self._made = made
        if isinstance(made, CannotSend):
            raise CannotSend(made.reason)
        return made


class Bodies:
    """The bodies of a batch of requests, in which what several of them send is made once.

    That is the part of a payload that a selection asks for, and the body of a shared format.
    """

    def __init__(self, *, source: str) -> None:
        """Make bodies that name this installation as `source`."""
        self._source = source
        self._payloads: dict[tuple[UUID, str], Once[str]] = {}
        self._bodies: dict[tuple[UUID, Form, UUID | None], Once[Body]] = {}

    def body(self, event: EventRecord, *, form: Form, webhook: Webhook) -> Once[Body]:
        """Return what makes the body of an event for a webhook; it raises `CannotSend`."""
        registered = payload_formats.find(form.payload_format)
        is_shared = registered is not None and registered.format.is_shared
        key = (event.pk, form, None if is_shared else webhook.pk)
        if key not in self._bodies:
            make = partial(
                render,
                event,
                form=form,
                webhook_id=webhook.pk,
                url=webhook.url,
                source=self._source,
                payload=self._payload(event, form.selection),
            )
            self._bodies[key] = Once(make)
        return self._bodies[key]

    def _payload(self, event: EventRecord, selection: str) -> Once[str]:
        key = (event.pk, selection)
        if key not in self._payloads:
            self._payloads[key] = Once(partial(_select, event, selection))
        return self._payloads[key]


def render(  # noqa: PLR0913 - what is sent, how, to whom and by whom.
    event: EventRecord,
    *,
    form: Form,
    webhook_id: UUID,
    url: str,
    source: str,
    payload: Callable[[], str] | None = None,
) -> Body:
    """Make the body that carries an event to a webhook, the same whenever it is made.

    `source` names this installation; `payload` gives the selected part of the payload, if it is at
    hand.

    Raises:
        CannotSend: The format is not registered any more, or has failed.
    """
    registered = payload_formats.find(form.payload_format)
    what = f"The payload format {form.payload_format!r}"
    if registered is None:
        raise CannotSend(f"{what} is not registered any more.")
    made_by = registered.format
    message = Message(
        event_id=event.public_id,
        event_uuid=event.pk,
        event_type=event.event_type,
        occurred_at=event.occurred_at,
        payload_json=payload() if payload else _select(event, form.selection),
        source=source,
        webhook_id="" if made_by.is_shared else public_id(Webhook.ID_PREFIX, webhook_id),
        url="" if made_by.is_shared else url,
    )
    with guarded(what):
        content = made_by.body(message)
    if not isinstance(content, bytes):
        raise CannotSend(f"{what} made no bytes.")
    return Body(content=content, message=message, format=made_by)


def _select(event: EventRecord, selection: str) -> str:
    return select_payload(event.payload, event_type=event.event_type, selection=selection)
