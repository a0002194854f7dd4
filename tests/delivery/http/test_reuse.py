import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import trustme

from delivery.http.outcomes import Accepted, Rejected, Unreachable
from delivery.http.transport import Transport
from tests.delivery.http.conftest import (
    LOOPBACK,
    OK,
    Receiver,
    Serve,
    answering,
    lying,
    outgoing,
)

EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"


@pytest.mark.parametrize("answer", [OK, EMPTY, CHUNKED])
def test_requests_of_a_group_follow_each_other_on_one_connection(
    serve: Serve, transport: Transport, answer: bytes
) -> None:
    receiver = serve(answering(answer))

    outcomes = [transport.send(outgoing(receiver.url)) for _ in range(3)]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert (len(receiver.requests), receiver.accepted) == (3, 1)


def test_no_connection_is_shared_between_groups(serve: Serve, transport: Transport) -> None:
    receiver = serve(answering(OK))

    for group in ("owner-1", "owner-2", "owner-1", "owner-2"):
        transport.send(outgoing(receiver.url, group=group))

    assert receiver.accepted == 2


def test_no_connection_is_shared_between_names_for_one_address(serve: Serve) -> None:
    receiver = serve(answering(OK))
    transport = Transport(rules=LOOPBACK, resolver=lying("127.0.0.1"))

    for host in ("a.example", "b.example"):
        transport.send(outgoing(f"http://{host}:{receiver.port}/"))

    assert receiver.accepted == 2
    transport.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20000,
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n", 1),
        CHUNKED.replace(b"2\r\n", b"3\r\n", 1),
        OK + OK,
        OK + b"x",
        OK + b"\r\n",
        EMPTY + b"\n",
        CHUNKED + b"\r\n",
    ],
)
def test_a_connection_that_did_not_end_cleanly_is_not_used_again(
    serve: Serve, transport: Transport, answer: bytes
) -> None:
    receiver = serve(answering(answer))

    outcomes = [transport.send(outgoing(receiver.url)) for _ in range(2)]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert receiver.accepted == 2


def test_a_connection_that_switched_protocols_is_not_used_again(
    serve: Serve, transport: Transport
) -> None:
    receiver = serve(answering(b"HTTP/1.1 101 Switching\r\nContent-Length: 0\r\n\r\n"))

    outcomes = [transport.send(outgoing(receiver.url)) for _ in range(2)]

    assert all(isinstance(outcome, Rejected) for outcome in outcomes)
    assert receiver.accepted == 2


def test_a_connection_with_unasked_bytes_is_not_used_again(
    serve: Serve, transport: Transport
) -> None:
    said_more, go_on = threading.Event(), threading.Event()

    def say_more(receiver: Receiver, connection: socket.socket) -> None:
        while receiver.read_request(connection):
            connection.sendall(OK)
            go_on.wait(10)
            connection.sendall(b"HTTP/1.1 500 Forged\r\nContent-Length: 0\r\n\r\n")
            said_more.set()

    receiver = serve(say_more)
    transport.send(outgoing(receiver.url))
    go_on.set()
    assert said_more.wait(10)

    outcome = transport.send(outgoing(receiver.url))

    assert isinstance(outcome, Accepted)
    assert receiver.accepted == 2


def test_a_reused_connection_that_breaks_before_the_answer_is_replaced(
    serve: Serve, transport: Transport
) -> None:
    def hang_up_on_the_second(receiver: Receiver, connection: socket.socket) -> None:
        if receiver.read_request(connection):
            connection.sendall(OK)
            receiver.read_request(connection)

    receiver = serve(hang_up_on_the_second)

    outcomes = [transport.send(outgoing(receiver.url, body=b"%d" % n)) for n in range(2)]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert [request[-1:] for request in receiver.requests] == [b"0", b"1", b"1"]


def test_a_fresh_connection_that_breaks_is_not_replaced(serve: Serve, transport: Transport) -> None:
    receiver = serve(answering(b"", then_close=True))

    assert isinstance(transport.send(outgoing(receiver.url)), Unreachable)
    assert receiver.accepted == 1


def test_a_reused_connection_that_breaks_within_the_answer_is_not_replaced(
    serve: Serve, transport: Transport
) -> None:
    def break_off_the_second(receiver: Receiver, connection: socket.socket) -> None:
        receiver.read_request(connection)
        connection.sendall(OK)
        receiver.read_request(connection)
        connection.sendall(b"HTTP/1.1 200")

    receiver = serve(break_off_the_second)
    transport.send(outgoing(receiver.url))

    assert isinstance(transport.send(outgoing(receiver.url)), Unreachable)
    assert receiver.accepted == 1


def test_closing_hangs_up(serve: Serve) -> None:
    hung_up = threading.Event()

    def notice(receiver: Receiver, connection: socket.socket) -> None:
        answering(OK)(receiver, connection)
        hung_up.set()

    receiver = serve(notice)
    transport = Transport(rules=LOOPBACK)
    transport.send(outgoing(receiver.url))

    transport.close()

    assert hung_up.wait(10)


def test_many_threads_share_a_transport_without_mixing_answers(
    serve: Serve, transport: Transport
) -> None:
    def echo(receiver: Receiver, connection: socket.socket) -> None:
        while receiver.read_request(connection):
            body = receiver.requests[-1].partition(b"\r\n\r\n")[2]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def own_connection_echo(receiver: Receiver, connection: socket.socket) -> None:
        # A list of its own, so that `requests[-1]` is what came on this connection.
        private = Receiver.__new__(Receiver)
        private.requests, private.heard = [], receiver.heard
        echo(private, connection)

    receiver = serve(own_connection_echo)

    def ask(number: int) -> bool:
        outcome = transport.send(outgoing(receiver.url, body=b"%d" % number))
        return isinstance(outcome, Accepted) and outcome.answer.body == str(number)

    with ThreadPoolExecutor(20) as threads:
        assert all(threads.map(ask, range(400)))
    assert receiver.accepted <= 20


@pytest.fixture
def tls(authority: trustme.CA) -> Iterator[tuple[ssl.SSLContext, str]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("receiver.example").configure_cert(context)
    with authority.cert_pem.tempfile() as ca_file:
        yield context, ca_file


def test_tls_connections_are_reused(serve: Serve, tls: tuple[ssl.SSLContext, str]) -> None:
    receiver = serve(answering(OK), tls=tls[0])
    transport = Transport(rules=LOOPBACK, ca_file=tls[1], resolver=lying("127.0.0.1"))

    with contextlib.closing(transport):
        outcomes = [
            transport.send(outgoing(f"https://receiver.example:{receiver.port}/")) for _ in range(3)
        ]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert receiver.accepted == 1


def test_a_refusal_is_no_reason_to_hang_up(serve: Serve, transport: Transport) -> None:
    receiver = serve(answering(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))

    outcomes = [transport.send(outgoing(receiver.url)) for _ in range(2)]

    assert all(isinstance(outcome, Rejected) for outcome in outcomes)
    assert receiver.accepted == 1
