"""Formats that receivers know from other packages: dj-whisperer, django-rest-hooks and durian."""

import json
from collections.abc import Mapping

from delivery.formats.format import Message, PayloadFormat, Sign, payload_format


@payload_format("whisperer")
class WhispererFormat(PayloadFormat):
    """dj-whisperer: `{"event": {"type", "uuid"}, "data"}`, with its `X-Whisperer-` headers."""

    is_shared = True
    needs_shared_secret = True

    def body(self, message: Message) -> bytes:
        """Make an object with `event` and `data`."""
        event = {"type": message.event_type, "uuid": message.event_uuid.hex}
        return f'{{"event": {json.dumps(event)}, "data": {message.payload_json}}}'.encode()

    def headers(self, message: Message, *, body: bytes, sign: Sign) -> Mapping[str, str]:
        """Make the event's type and the signature of the body, in hexadecimal."""
        return {
            "X-Whisperer-Event": message.event_type,
            "X-Whisperer-Signature": f"sha256={sign(body).hex()}",
        }


@payload_format("rest_hooks")
class RestHooksFormat(PayloadFormat):
    """django-rest-hooks: `{"hook": {"id", "event", "target"}, "data"}`."""

    def body(self, message: Message) -> bytes:
        """Make an object with `hook` and `data`."""
        hook = {"id": message.webhook_id, "event": message.event_type, "target": message.url}
        return f'{{"hook": {json.dumps(hook)}, "data": {message.payload_json}}}'.encode()


@payload_format("data_only")
class DataOnlyFormat(PayloadFormat):
    """The payload alone, as durian sent it."""

    is_shared = True

    def body(self, message: Message) -> bytes:
        """Give the payload as it is."""
        return message.payload_json.encode()
