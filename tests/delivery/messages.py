"""Messages to make bodies of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from delivery.formats import Message, payload_formats

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

_MESSAGE = Message(
    event_id=f"evt_{KEY.hex}",
    event_uuid=KEY,
    event_type="invoice.paid",
    occurred_at=NOON,
    payload_json='{"amount":1}',
    source="urn:hookline",
    webhook_id=f"whk_{KEY.hex}",
    url="https://example.com/in",
)


def make_body(name: str, **changes: Any) -> bytes:
    """Return the body that a registered format makes of a message."""
    return payload_formats.get(name).format.body(replace(_MESSAGE, **changes))
