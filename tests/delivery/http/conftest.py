"""Receivers on the loopback interface that behave as badly as a test asks for."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_network
from typing import Protocol

import pytest
import trustme

from delivery.http.addresses import AddressRules
from delivery.http.endpoints import EndpointRules
from delivery.http.outcomes import Outcome
from delivery.http.request import OutgoingRequest
from delivery.http.transport import Transport

LOOPBACK = EndpointRules(
    allow_http=True, addresses=AddressRules(allowed_networks=(ip_network("127.0.0.0/8"),))
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Receiver:
    """Runs `behave` in a thread of its own on each connection it accepts.

    `requests` are the heads with their bodies as they arrived, `heard` is set by the first.
    """

    def __init__(
        self, behave: Callable[["Receiver", socket.socket], None], *, tls: ssl.SSLContext | None
    ) -> None:
        self.requests: list[bytes] = []
        self.accepted = 0
        self.heard = threading.Event()
        self.stopped = threading.Event()
        self._behave, self._tls = behave, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def read_request(self, connection: socket.socket) -> bool:
        """Read one request; False at the end of the connection."""
        received = b""
        while b"\r\n\r\n" not in received:
            data = connection.recv(65536)
            if not data:
                return False
            received += data
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        self.heard.set()
        return True

    def stop(self) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is None:
                self._behave(self, connection)
                return
            with self._tls.wrap_socket(connection, server_side=True) as secured:
                self._behave(self, secured)


class Serve(Protocol):
    def __call__(
        self,
        behave: Callable[[Receiver, socket.socket], None],
        *,
        tls: ssl.SSLContext | None = None,
    ) -> Receiver: ...


def answering(
    *answers: bytes, then_close: bool = False
) -> Callable[[Receiver, socket.socket], None]:
    """Answer the requests on a connection by one of `answers` each, and then by the last."""

    def behave(receiver: Receiver, connection: socket.socket) -> None:
        number = 0
        while receiver.read_request(connection):
            connection.sendall(answers[min(number, len(answers) - 1)])
            number += 1
            if then_close:
                return

    return behave


def repeating(start: bytes, again: bytes, *, pause: float = 0.01) -> Callable[..., None]:
    """Answer with `start`, and then with `again` for ever, every `pause` seconds."""

    def behave(receiver: Receiver, connection: socket.socket) -> None:
        receiver.read_request(connection)
        connection.sendall(start)
        while not receiver.stopped.wait(pause):
            connection.sendall(again)

    return behave


def silent(receiver: Receiver, _connection: socket.socket) -> None:
    """Keep the connection open and never say a word."""
    receiver.stopped.wait()


def outgoing(
    url: str,
    *,
    timeout: float = 10,
    body: bytes = b"{}",
    group: str = "owner-1",
    headers: tuple[tuple[str, str], ...] = (),
) -> OutgoingRequest:
    return OutgoingRequest(
        url=url,
        headers=headers,
        body=body,
        timeout=timedelta(seconds=timeout),
        connection_group=group,
        webhook_id="whk_1",
        event_id="evt_1",
        delivery_id="dlv_1",
    )


def lying(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    """Resolve every name to these addresses."""
    return lambda _host, _port: addresses


@pytest.fixture
def serve() -> Iterator[Serve]:
    receivers: list[Receiver] = []

    def start(
        behave: Callable[[Receiver, socket.socket], None], *, tls: ssl.SSLContext | None = None
    ) -> Receiver:
        receivers.append(Receiver(behave, tls=tls))
        return receivers[-1]

    yield start
    for receiver in receivers:
        receiver.stop()


@pytest.fixture
def transport() -> Iterator[Transport]:
    with contextlib.closing(Transport(rules=LOOPBACK)) as opened:
        yield opened


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


class Send(Protocol):
    """Sends to a URL with a name that leads to the loopback interface, trusting `authority`."""

    def __call__(self, url: str, *, timeout: float = 10, body: bytes = b"{}") -> Outcome: ...


@pytest.fixture
def send(authority: trustme.CA) -> Iterator[Send]:
    with authority.cert_pem.tempfile() as ca_file:
        transport = Transport(rules=LOOPBACK, ca_file=ca_file, resolver=lying("127.0.0.1"))
        with contextlib.closing(transport):
            yield lambda url, **options: transport.send(outgoing(url, **options))
