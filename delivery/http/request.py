"""What one attempt is to send."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingRequest:
    """One POST to one endpoint, with everything that was decided about it.

    `headers` go out as given, `body` byte for byte. `timeout` is the time for the whole attempt,
    from looking up the name to the end of the answer. Connections are reused only between requests
    of the same `connection_group`, which names an owner.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    timeout: timedelta
    connection_group: str
