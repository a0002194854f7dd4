"""The other side: endpoints on this machine that take requests, verify and answer them."""

from __future__ import annotations

import enum
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

_FAILURES_BEFORE_SUCCESS = 2


class Endpoint(enum.Enum):
    """The endpoints, by their paths."""

    ACCEPTS = "/accepts"
    FAILS_TWICE = "/fails-twice"
    FAILS = "/fails"
    CHOOSES = "/chooses"

    def answer(self, *, attempt: int) -> HTTPStatus:
        """Say how the endpoint answers an attempt at a delivery; the first has number 1."""
        if self is Endpoint.FAILS:
            return HTTPStatus.INTERNAL_SERVER_ERROR
        if self is Endpoint.FAILS_TWICE and attempt <= _FAILURES_BEFORE_SUCCESS:
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it arrived; `is_genuine` if its signature was made with our secret."""

    endpoint: Endpoint
    body: dict[str, Any]
    is_genuine: bool


class Receiver:
    """Takes requests for all endpoints, on a free port of 127.0.0.1, within `listening`.

    Any thread may call it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._secrets: dict[Endpoint, str] = {}
        self._attempts: Counter[str] = Counter()
        self._received: list[Received] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the context lasts."""
        with ThreadingHTTPServer(("127.0.0.1", 0), self._handler()) as server:
            self._port = server.server_port
            Thread(target=server.serve_forever, name="receiver", daemon=True).start()
            try:
                yield
            finally:
                server.shutdown()

    def url(self, endpoint: Endpoint) -> str:
        """Say where an endpoint takes requests."""
        return f"http://127.0.0.1:{self._port}{endpoint.value}"

    def trust(self, endpoint: Endpoint, *, secret: str) -> None:
        """From now on, take requests that are signed with this secret."""
        with self._lock:
            self._secrets[endpoint] = secret

    def received(self, endpoint: Endpoint | None = None) -> tuple[Received, ...]:
        """Give all requests so far, or those to one endpoint."""
        with self._lock:
            return tuple(one for one in self._received if endpoint in (None, one.endpoint))

    def take(self, endpoint: Endpoint, *, headers: dict[str, str], body: bytes) -> HTTPStatus:
        """Remember a request and say how to answer it."""
        with self._lock:
            is_genuine = _is_genuine(self._secrets.get(endpoint), headers=headers, body=body)
            self._received.append(
                Received(endpoint=endpoint, body=json.loads(body), is_genuine=is_genuine)
            )
            if not is_genuine:
                return HTTPStatus.UNAUTHORIZED
            delivery = headers["webhook-id"]
            self._attempts[delivery] += 1
            return endpoint.answer(attempt=self._attempts[delivery])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self.take

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(take(Endpoint(self.path), headers=headers, body=body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Write nothing: the table shows what happens."""

        return Handler


def _is_genuine(secret: str | None, *, headers: dict[str, str], body: bytes) -> bool:
    if secret is None:
        return False
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True
