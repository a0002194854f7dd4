"""Receivers that use TLS against us."""

import socket
import ssl
from datetime import timedelta

import pytest
import trustme

from delivery.http.dialing import tls_context
from delivery.http.outcomes import Accepted, Phase, TimedOut, TlsFailed
from tests.delivery.http.conftest import (
    OK,
    Receiver,
    Send,
    Serve,
    answering,
    silent,
)


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("receiver.example").configure_cert(made)
    return made


class Encrypted:
    """The receiver's end of TLS, which gives out what it would send."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        self._connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                connection_says = self._outgoing.read()
                self._connection.sendall(connection_says)
                self._incoming.write(self._connection.recv(65536))
            else:
                self._connection.sendall(self._outgoing.read())
                return

    def encrypt(self, data: bytes) -> bytes:
        self._tls.write(data)
        return self._outgoing.read()


def test_an_answer_that_comes_byte_by_byte_within_its_record_times_out(
    serve: Serve, send: Send, context: ssl.SSLContext
) -> None:
    def drip(receiver: Receiver, connection: socket.socket) -> None:
        encrypted = Encrypted(connection, context)
        encrypted.shake_hands()
        for byte in encrypted.encrypt(OK + b" " * 10_000):
            connection.sendall(bytes([byte]))
            if receiver.stopped.wait(0.01):
                return

    receiver = serve(drip)

    outcome = send(f"https://receiver.example:{receiver.port}/", timeout=0.5)

    assert outcome == TimedOut(phase=Phase.HEAD, after=timedelta(seconds=0.5))


def test_an_answer_that_comes_byte_by_byte_in_time_is_read(
    serve: Serve, send: Send, context: ssl.SSLContext
) -> None:
    def drip(_receiver: Receiver, connection: socket.socket) -> None:
        encrypted = Encrypted(connection, context)
        encrypted.shake_hands()
        for byte in encrypted.encrypt(OK):
            connection.sendall(bytes([byte]))
        connection.recv(65536)

    receiver = serve(drip)

    assert isinstance(send(f"https://receiver.example:{receiver.port}/", timeout=30), Accepted)


def test_messages_without_data_do_not_go_on_for_ever(
    serve: Serve, send: Send, context: ssl.SSLContext
) -> None:
    context.num_tickets = 100_000
    receiver = serve(answering(OK), tls=context)

    outcome = send(f"https://receiver.example:{receiver.port}/", timeout=60)

    assert outcome == TlsFailed(reason="TLS with the endpoint failed: too much was sent.")


def test_what_tls_adds_to_each_byte_has_an_end(
    serve: Serve, send: Send, context: ssl.SSLContext
) -> None:
    def swell(receiver: Receiver, connection: socket.socket) -> None:
        encrypted = Encrypted(connection, context)
        encrypted.shake_hands()
        # A record for each byte makes 23 of it.
        head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 30_000 + b"\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(b"".join(encrypted.encrypt(bytes([byte])) for byte in head))
        receiver.stopped.wait()

    receiver = serve(swell)

    outcome = send(f"https://receiver.example:{receiver.port}/", timeout=60)

    assert outcome == TlsFailed(reason="TLS with the endpoint failed: too much was sent.")


def test_a_connection_may_carry_any_number_of_answers(
    serve: Serve, send: Send, context: ssl.SSLContext
) -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 16000\r\n\r\n" + bytes(16_000)
    receiver = serve(answering(large), tls=context)
    url = f"https://receiver.example:{receiver.port}/"

    outcomes = [send(url) for _ in range(50)]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert receiver.accepted == 1


def test_a_handshake_without_end_is_given_up(serve: Serve, send: Send) -> None:
    def chatter(receiver: Receiver, connection: socket.socket) -> None:
        connection.recv(65536)
        # A certificate that never ends, in records of 16 KiB.
        connection.sendall(b"\x16\x03\x03\x00\x04\x02\xff\xff\xff")
        while not receiver.stopped.is_set():
            connection.sendall(b"\x16\x03\x03\x40\x00" + bytes(16 * 1024))

    receiver = serve(chatter)

    assert isinstance(send(f"https://receiver.example:{receiver.port}/", timeout=60), TlsFailed)


def test_a_receiver_that_reads_nothing_after_the_handshake_times_out(
    serve: Serve, send: Send, context: ssl.SSLContext
) -> None:
    receiver = serve(silent, tls=context)
    url = f"https://receiver.example:{receiver.port}/"

    outcome = send(url, timeout=2, body=b"x" * 16 * 1024 * 1024)

    assert outcome == TimedOut(phase=Phase.WRITE, after=timedelta(seconds=2))


def test_a_receiver_that_ends_without_saying_so_has_answered(
    serve: Serve, send: Send, context: ssl.SSLContext
) -> None:
    def hang_up(receiver: Receiver, connection: socket.socket) -> None:
        receiver.read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nok")

    receiver = serve(hang_up, tls=context)

    outcome = send(f"https://receiver.example:{receiver.port}/")

    assert isinstance(outcome, Accepted)
    assert (outcome.answer.body, outcome.answer.is_truncated) == ("ok", False)


def test_no_connection_is_negotiated_anew() -> None:
    assert tls_context(None).options & ssl.OP_NO_RENEGOTIATION
