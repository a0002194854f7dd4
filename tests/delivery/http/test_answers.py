import socket

import pytest

from delivery.http.outcomes import (
    Accepted,
    Rejected,
    Unreachable,
)
from delivery.http.transport import Transport
from tests.delivery.http.conftest import OK, Receiver, Serve, answering, outgoing, repeating


def test_w34_a_2xx_is_accepted_with_its_answer(serve: Serve, transport: Transport) -> None:
    receiver = serve(
        answering(
            b"HTTP/1.1 201 Created\r\nX-Twice: a\r\nx-twice: b\r\nContent-Length: 2\r\n\r\nok"
        )
    )

    outcome = transport.send(outgoing(receiver.url))

    assert isinstance(outcome, Accepted)
    assert outcome.answer.status_code == 201
    assert outcome.answer.headers == (("x-twice", "a, b"), ("Content-Length", "2"))
    assert (outcome.answer.body, outcome.answer.is_truncated) == ("ok", False)


@pytest.mark.parametrize("status", [b"199", b"300", b"304", b"404", b"410", b"429", b"500", b"999"])
def test_w34_any_other_status_is_rejected_or_no_answer(
    serve: Serve, transport: Transport, status: bytes
) -> None:
    receiver = serve(
        answering(b"HTTP/1.1 " + status + b" Some\r\nContent-Length: 0\r\n\r\n", then_close=True)
    )

    outcome = transport.send(outgoing(receiver.url))

    # A 199 is informational: no final answer follows it.
    assert isinstance(outcome, Unreachable if status == b"199" else Rejected)


@pytest.mark.parametrize(
    "status_line",
    [
        b"HTTP/1.1 101 Switching Protocols\r\n",
        b"HTTP/1.1 101\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n",
    ],
)
def test_a_101_is_rejected(serve: Serve, transport: Transport, status_line: bytes) -> None:
    receiver = serve(answering(status_line + b"Upgrade: websocket\r\n\r\n\x00\x01"))

    outcome = transport.send(outgoing(receiver.url))

    assert isinstance(outcome, Rejected)
    assert outcome.answer.status_code == 101
    assert outcome.answer.headers == (("Upgrade", "websocket"),)


def test_informational_answers_are_passed_over(serve: Serve, transport: Transport) -> None:
    receiver = serve(
        answering(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + OK)
    )

    assert isinstance(transport.send(outgoing(receiver.url)), Accepted)


def test_text_that_postgresql_refuses_is_replaced(serve: Serve, transport: Transport) -> None:
    receiver = serve(
        answering(
            b"HTTP/1.1 200 OK\r\nX: \xed\xa0\x80\x01\r\n\r\na\x00\xed\xa0\x80\xff", then_close=True
        )
    )

    outcome = transport.send(outgoing(receiver.url))

    assert isinstance(outcome, Accepted)
    stored = outcome.answer.body + "".join(map("".join, outcome.answer.headers))
    assert stored.encode()
    assert "\x00" not in stored
    assert outcome.answer.body.startswith("a\ufffd")


def test_a_body_of_16_kib_is_kept_whole(serve: Serve, transport: Transport) -> None:
    body = b"x" * 16 * 1024
    receiver = serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 16384\r\n\r\n" + body))

    outcome = transport.send(outgoing(receiver.url))

    assert isinstance(outcome, Accepted)
    assert (outcome.answer.body, outcome.answer.is_truncated) == (body.decode(), False)


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"Content-Length: 1073741824\r\n\r\n", b"x" * 65536),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"e" * 1000 + b"\r\nx\r\n"),
        (b"\r\n", b"x" * 65536),
    ],
)
def test_a_body_without_end_is_cut_off(
    serve: Serve, transport: Transport, start: bytes, again: bytes
) -> None:
    receiver = serve(repeating(b"HTTP/1.1 200 OK\r\n" + start, again, pause=0))

    outcome = transport.send(outgoing(receiver.url, timeout=60))

    assert isinstance(outcome, Accepted)
    assert outcome.answer.is_truncated
    assert set(outcome.answer.body) == {"x"}
    assert len(outcome.answer.body) <= 16 * 1024


@pytest.mark.parametrize(
    "start",
    [
        b"Content-Length: 10\r\n\r\nok",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\nnonsense\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nTrailer: a\r\n",
    ],
)
def test_a_complete_head_decides_though_the_body_breaks_off(
    serve: Serve, transport: Transport, start: bytes
) -> None:
    receiver = serve(answering(b"HTTP/1.1 200 OK\r\n" + start, then_close=True))

    outcome = transport.send(outgoing(receiver.url))

    assert isinstance(outcome, Accepted)
    assert (outcome.answer.body, outcome.answer.is_truncated) == ("ok", True)


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"Content-Length: 1000\r\n\r\nok", b""),
        (b"Content-Length: 1000\r\n\r\nok", b"!"),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", b"A: b\r\n"),
    ],
)
def test_a_complete_head_decides_though_the_body_stalls(
    serve: Serve, transport: Transport, start: bytes, again: bytes
) -> None:
    receiver = serve(repeating(b"HTTP/1.1 500 Oh\r\n" + start, again, pause=0.05))

    outcome = transport.send(outgoing(receiver.url, timeout=0.3))

    assert isinstance(outcome, Rejected)
    assert outcome.answer.is_truncated
    assert outcome.answer.body.startswith("ok")


def test_an_answer_before_the_request_was_read_counts(serve: Serve, transport: Transport) -> None:
    def refuse_early(receiver: Receiver, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        for _ in range(100):
            connection.recv(65536)
        receiver.heard.set()

    receiver = serve(refuse_early)

    outcome = transport.send(outgoing(receiver.url, body=b"x" * 64 * 1024 * 1024))

    assert isinstance(outcome, Rejected)
    assert outcome.answer.status_code == 413
