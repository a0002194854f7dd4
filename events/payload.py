"""An event as JSON text, and back."""

from __future__ import annotations

import json
from typing import cast

from events.errors import InvalidPayload
from events.event import Event, EventType, event_type_of
from events.fields import JsonValue


def encode_payload(event: Event) -> str:
    """Return the event's payload as compact JSON text, the very text that is stored and sent.

    Moments are RFC 3339 in UTC, days ISO 8601, UUIDs and decimals texts (a decimal as a JSON number
    would be read as a float), enums their values.

    Raises `InvalidPayload`, naming the field, for a value that is not of its declared type.
    """
    payload = event_type_of(event).fields.encode(event, ())
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def decode_payload(event_type: EventType, text: str) -> Event:
    """Return the event that `encode_payload` made `text` of.

    Raises `InvalidPayload` if the text does not fit the event type as it now is.
    """
    try:
        return cast("Event", event_type.fields.decode(_parsed(text), ()))
    except RecursionError:
        raise InvalidPayload("this is nested more deeply than Python reads.") from None


def _parsed(text: str) -> JsonValue:
    try:
        parsed: JsonValue = json.loads(text)
    except ValueError as error:
        raise InvalidPayload(f"this is not JSON: {error}") from None
    return parsed
