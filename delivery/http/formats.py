"""Payload formats: how an event becomes the body of a request."""

import json
from datetime import UTC, datetime


def standard_body(*, event_type: str, occurred_at: datetime, payload_json: str) -> bytes:
    """Make the Standard Webhooks body: an object with `type`, `timestamp` and `data`.

    `payload_json` is JSON text and becomes `data` verbatim, so that no number or key order changes
    on the way. `occurred_at` is written in UTC, as RFC 3339 with a `Z`.

    Raises:
        ValueError: `occurred_at` has no time zone.
    """
    if occurred_at.tzinfo is None:
        raise ValueError(f"occurred_at={occurred_at!r} has no time zone; pass an aware datetime.")
    timestamp = occurred_at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return (
        f'{{"type":{json.dumps(event_type)},"timestamp":"{timestamp}","data":{payload_json}}}'
    ).encode()
