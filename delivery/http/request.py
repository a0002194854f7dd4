"""What one attempt is to send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from delivery.http.headers import HIDDEN, Headers


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingRequest:
    """One POST to one endpoint, with everything that was decided about it.

    `headers` go out as given, `body` byte for byte. `timeout` is the time for the whole attempt,
    from looking up the name to the end of the answer. Connections are reused only between requests
    of the same `connection_group`, which names an owner. The IDs tell what it is sent for.
    `secret_headers` are the names, in lower case, of headers whose values must not be stored.
    """

    url: str
    headers: Headers = field(repr=False)
    body: bytes
    timeout: timedelta
    connection_group: str
    webhook_id: str
    event_id: str
    delivery_id: str
    secret_headers: frozenset[str] = frozenset()

    @property
    def shown_headers(self) -> Headers:
        """The headers as they may be stored and shown."""
        return tuple(
            (name, HIDDEN if name.lower() in self.secret_headers else value)
            for name, value in self.headers
        )


class CannotSend(Exception):  # noqa: N818 - names what happened
    """No request can be made; `reason` is a sentence for the webhook's owner."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
