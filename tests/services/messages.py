"""What an endpoint of the tests receives and answers, and how both look on the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import responses
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.utils.datastructures import CaseInsensitiveMapping

_WITHOUT_CONTENT = (204, 304)


@dataclass(frozen=True, kw_only=True)
class ReceivedRequest:
    """One request as it arrived, whole.

    `headers` ignores case; a header that came twice has both values, joined by a comma.
    `path` has no query; `query` has no question mark. `received_at` is aware, in UTC.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime

    def json(self) -> Any:
        """Decode the body as JSON.

        Raises:
            ValueError: The body is not JSON.
        """
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the endpoint says to one request, and how long after it arrived.

    `headers` are sent besides a right `Content-Length`, or instead of it if they name it.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: timedelta = timedelta(0)

    def encode(self, *, method: str) -> bytes:
        """Write the answer to a request of this method as HTTP/1.1 (RFC 9112)."""
        headers = dict(self.headers)
        if self.status not in _WITHOUT_CONTENT:
            headers = {"Content-Length": str(len(self.body))} | headers
        lines = [f"HTTP/1.1 {self.status} {responses.get(self.status, '')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        has_content = method != "HEAD" and self.status not in _WITHOUT_CONTENT
        return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + (self.body if has_content else b"")


class Answered(NamedTuple):
    """A request and what the endpoint said to it."""

    request: ReceivedRequest
    answer: Answer


HANGS = Answer(delay=timedelta.max)
"""No answer until the receiver releases it, and then 200."""


def take_request(buffer: bytearray) -> ReceivedRequest | None:
    """Remove the first request from what a client sent (RFC 9112); None while it is incomplete.

    Raises:
        ValueError: The bytes are not a request whose body is as long as its Content-Length says.
    """
    head, end_of_head, rest = buffer.partition(b"\r\n\r\n")
    if not end_of_head:
        return None
    request_line, *lines = head.decode("latin-1").split("\r\n")
    method, target, _version = request_line.split(" ")
    headers = _headers(lines)
    if "Transfer-Encoding" in headers:
        raise ValueError("Transfer-Encoding is not read here. Send a Content-Length.")
    length = int(headers.get("Content-Length", "0"))
    if len(rest) < length:
        return None
    del buffer[: len(head) + len(end_of_head) + length]
    url = urlsplit(target)
    return ReceivedRequest(
        method=method,
        path=url.path,
        query=url.query,
        headers=headers,
        body=bytes(rest[:length]),
        received_at=datetime.now(UTC),
    )


def _headers(lines: list[str]) -> Mapping[str, str]:
    found: dict[str, tuple[str, str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"{line!r} is not a header. Write it as `Name: value`.")
        _, earlier = found.get(name.lower(), (name, ""))
        found[name.lower()] = (name, f"{earlier}, {value.strip()}" if earlier else value.strip())
    return CaseInsensitiveMapping(found.values())
