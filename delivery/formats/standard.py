"""Formats of published specifications: Standard Webhooks and CloudEvents."""

import json
from datetime import UTC, datetime

from delivery.formats.format import Message, PayloadFormat, payload_format

STANDARD = "standard"


@payload_format(STANDARD)
class StandardFormat(PayloadFormat):
    """Standard Webhooks: `{"type", "timestamp", "data"}`."""

    is_shared = True

    def body(self, message: Message) -> bytes:
        """Make an object with `type`, `timestamp` and `data`."""
        return (
            f'{{"type":{json.dumps(message.event_type)},"timestamp":"{_moment(message)}",'
            f'"data":{message.payload_json}}}'
        ).encode()


@payload_format("cloudevents")
class CloudEventsFormat(PayloadFormat):
    """CloudEvents 1.0, structured mode."""

    content_type = "application/cloudevents+json"
    is_shared = True

    def body(self, message: Message) -> bytes:
        """Make a CloudEvent with all of its attributes and the payload as `data`."""
        attributes = {
            "specversion": "1.0",
            "id": message.event_id,
            "source": message.source,
            "type": message.event_type,
            "time": _moment(message),
            "datacontenttype": "application/json",
        }
        return f'{json.dumps(attributes)[:-1]}, "data": {message.payload_json}}}'.encode()


def _moment(message: Message) -> str:
    """Return when the event happened, as RFC 3339 in UTC with a `Z`."""
    occurred_at: datetime = message.occurred_at
    if occurred_at.tzinfo is None:
        raise ValueError(f"occurred_at={occurred_at!r} has no time zone; pass an aware datetime.")
    return occurred_at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
