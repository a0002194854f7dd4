import socket
import struct
import time
from datetime import timedelta

import pytest

from delivery.http.outcomes import (
    Accepted,
    Phase,
    TimedOut,
    Unreachable,
)
from delivery.http.transport import Transport
from tests.delivery.http.conftest import OK, Receiver, Serve, answering, outgoing, repeating, silent


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
        (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    ],
)
def test_w30_a_head_that_does_not_end_times_out(
    serve: Serve, transport: Transport, start: bytes, again: bytes
) -> None:
    receiver = serve(repeating(start, again))

    outcome = transport.send(outgoing(receiver.url, timeout=0.3))

    assert outcome == TimedOut(phase=Phase.HEAD, after=timedelta(seconds=0.3))


@pytest.mark.parametrize("again", [b"A: b\r\n" * 1000, b"a" * 6000, b" " * 6000])
def test_a_head_of_more_than_64_kib_is_not_read_on(
    serve: Serve, transport: Transport, again: bytes
) -> None:
    receiver = serve(repeating(b"HTTP/1.1 200 OK\r\n", again, pause=0))

    outcome = transport.send(outgoing(receiver.url, timeout=60))

    assert isinstance(outcome, Unreachable)
    assert "64 KiB" in outcome.error_message


def test_informational_answers_are_passed_over_twenty_times(
    serve: Serve, transport: Transport
) -> None:
    before = b"HTTP/1.1 100 Continue\r\n\r\n"
    few, many = (serve(answering(before * times + OK)) for times in (20, 21))

    assert isinstance(transport.send(outgoing(few.url)), Accepted)
    assert transport.send(outgoing(many.url)) == Unreachable(
        reason="The endpoint announced an answer too often without giving it."
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_a_head_that_was_cut_off_is_no_status(
    serve: Serve, transport: Transport, answer: bytes
) -> None:
    receiver = serve(answering(answer, then_close=True))

    assert isinstance(transport.send(outgoing(receiver.url)), Unreachable)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x03\x00\x02\x02\x46",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/0.9 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 No\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\x00c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nno colon\r\n\r\n",
    ],
)
def test_what_is_not_http_is_no_answer(serve: Serve, transport: Transport, answer: bytes) -> None:
    receiver = serve(repeating(answer, b"", pause=1))

    outcome = transport.send(outgoing(receiver.url, timeout=60))

    assert outcome == Unreachable(reason="The endpoint did not answer with valid HTTP/1.1.")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nX:" + b" " * 60_000 + b"\x00\r\n\r\n", Unreachable),
        (b"HTTP/1.1 200 OK\r\nX:" + b"\t" * 60_000 + b"\x0b\r\n\r\n", Unreachable),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b" " * 60_000 + b"\n\r\n",
            Accepted,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX:"
            + b" " * 60_000
            + b"\x00\r\n\r\n",
            Accepted,
        ),
    ],
)
def test_no_line_of_blanks_keeps_the_parser_busy(
    serve: Serve, transport: Transport, answer: bytes, expected: type
) -> None:
    """A parser that looks for blanks by patterns takes seconds of processor time over each."""
    receiver = serve(answering(answer))
    before = time.thread_time()

    outcome = transport.send(outgoing(receiver.url, timeout=60))

    assert isinstance(outcome, expected)
    assert time.thread_time() - before < 4


def test_a_receiver_that_does_not_read_times_out(serve: Serve, transport: Transport) -> None:
    receiver = serve(silent)

    outcome = transport.send(outgoing(receiver.url, timeout=2, body=b"x" * 16 * 1024 * 1024))

    assert outcome == TimedOut(phase=Phase.WRITE, after=timedelta(seconds=2))


def test_a_reset_is_unreachable(serve: Serve, transport: Transport) -> None:
    def reset(receiver: Receiver, connection: socket.socket) -> None:
        receiver.read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    receiver = serve(reset)

    assert isinstance(transport.send(outgoing(receiver.url)), Unreachable)


def test_a_port_that_nobody_listens_on_is_unreachable(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    outcome = transport.send(outgoing(f"http://127.0.0.1:{port}/"))

    assert outcome == Unreachable(
        reason="The connection to the endpoint failed: connection refused."
    )


def test_w30_a_receiver_that_accepts_no_connection_times_out(transport: Transport) -> None:
    with socket.socket() as listener, socket.socket() as filler:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        filler.connect(listener.getsockname())

        outcome = transport.send(
            outgoing(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=0.3)
        )

    assert outcome == TimedOut(phase=Phase.CONNECT, after=timedelta(seconds=0.3))


def test_a_timeout_of_nothing_is_a_timeout(serve: Serve, transport: Transport) -> None:
    outcome = transport.send(outgoing(serve(answering(OK)).url, timeout=0))

    assert isinstance(outcome, TimedOut)
