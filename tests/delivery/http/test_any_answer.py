"""Whatever a receiver says, an attempt ends in an outcome that can be stored."""

import contextlib
import gzip
import json
import socket

from hypothesis import given
from hypothesis import strategies as st

from delivery.http.adapter import DeadlineAdapter
from delivery.http.outcomes import Accepted, Outcome
from delivery.http.purposes import Address
from delivery.http.transport import Transport
from events.texts import is_storable
from tests.delivery.http.conftest import LOOPBACK, Serve, answering, outgoing

PIECES = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 204\r\n",
    b"HTTP/1.1 304 \xff\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b"Content-Length: 5\r\n",
    b"Content-Length: " + b"9" * 30 + b"\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: upgrade\r\nUpgrade: x\r\n",
    b"5\r\nhello\r\n",
    b"0\r\n",
    b"f" * 19 + b"\r\n",
    b"-1\r\n",
    b" folded\r\n",
    b": no name\r\n",
    b"A: b\r\n",
    b"A:" + b" " * 3000 + b"b\r\n",
    b"\xed\xa0\x80" * 1000,
]


class Saying:
    """Connects to a receiver that says this and hangs up, whatever it is asked."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.ends: list[socket.socket] = []

    def __call__(self, address: Address, *, port: int, seconds: float) -> socket.socket:
        ours, theirs = socket.socketpair()
        self.ends.append(theirs)
        theirs.sendall(self._answer)
        theirs.shutdown(socket.SHUT_WR)
        return ours


def outcomes_of(answer: bytes) -> list[Outcome]:
    """Send two requests to a receiver that says this on each connection."""
    saying = Saying(answer)
    adapter = DeadlineAdapter(rules=LOOPBACK, connect=saying)
    with contextlib.closing(Transport(rules=LOOPBACK, adapter=adapter)) as transport:
        outcomes = [transport.send(outgoing("http://127.0.0.1:8000/")) for _ in range(2)]
    for end in saying.ends:
        end.close()
    return outcomes


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=30), max_size=25).map(b"".join))
def test_every_answer_ends_in_an_outcome_that_can_be_stored(answer: bytes) -> None:
    for outcome in outcomes_of(answer):
        assert isinstance(outcome, Outcome)
        assert is_storable(outcome.error_message or "")
        if outcome.answer:
            assert is_storable(outcome.answer.body)
            assert is_storable(json.dumps(outcome.answer.headers, ensure_ascii=False))
            assert len(outcome.answer.body) <= 16 * 1024
            assert 101 <= outcome.answer.status_code <= 999


def test_nothing_is_decompressed(serve: Serve, transport: Transport) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    assert len(bomb) < 16 * 1024
    receiver = serve(
        answering(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
            + bomb
        )
    )

    outcome = transport.send(outgoing(receiver.url))

    assert isinstance(outcome, Accepted)
    assert len(outcome.answer.body) <= len(bomb)
    assert b"Accept-Encoding: identity" in receiver.requests[0]
