"""However an answer is cut, it is read as it was meant, and no further than it may be."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.http.connection import Connection, RawAnswer
from delivery.http.deadline import Deadline
from delivery.http.dialing import Dialled
from delivery.http.failures import UnreachableError

NAMES = st.text("aX9!#$%&'*+-.^_`|~", min_size=1, max_size=8)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), max_size=8)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Spoken:
    """A stream that says what it is given, piece by piece, and then ends."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""
        self.size = 0

    def send(self, data: bytes, *, deadline: Deadline) -> None:
        """Nobody listens."""

    def receive(self, size: int, *, deadline: Deadline) -> bytes:
        piece = self._left or next(self._pieces, b"")
        self._left = piece[size:]
        self.size += len(piece[:size])
        return piece[:size]

    def is_quiet(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""


def read(stream: Spoken) -> tuple[RawAnswer, bool]:
    """Read an answer, and tell whether another may follow it."""
    connection = Connection(Dialled(stream, IPv4Address("127.0.0.1")))
    answer = connection.exchange(b"", deadline=Deadline.after(60))
    return answer, connection.can_be_kept


def byte_by_byte(said: bytes) -> Iterator[bytes]:
    return (said[at : at + 1] for at in range(len(said)))


@dataclass(frozen=True)
class Said:
    """An answer as bytes, and what it means."""

    data: bytes
    headers: tuple[tuple[str, str], ...]
    status: int
    body: bytes
    is_reusable: bool


def chunks(parts: list[bytes], extension: bytes, trailers: bytes) -> bytes:
    sized = [b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts]
    return b"".join(sized) + b"0\r\n" + trailers + b"\r\n"


@st.composite
def answers(draw: st.DrawFn) -> Said:
    line_end = draw(st.sampled_from([b"\r\n", b"\n"]))
    headers = draw(st.lists(st.tuples(NAMES, VALUES), max_size=5))
    status = draw(st.sampled_from([200, 204, 304, 404, 599, 999]))
    parts = draw(st.lists(st.binary(min_size=1, max_size=40), max_size=4))
    framing = draw(st.sampled_from(["length", "chunks", "end"]))
    body = b"".join(parts)
    said = body
    if status in {204, 304}:
        said = body = b""
    elif framing == "length":
        headers.append(("Content-Length", str(len(body))))
    elif framing == "chunks":
        headers.append(("Transfer-Encoding", draw(st.sampled_from(["chunked", "Chunked"]))))
        extension = draw(st.sampled_from([b"", b" ", b";a=b", b';a="b c"']))
        said = chunks(
            parts, extension, draw(st.sampled_from([b"", b"A: b\r\nContent-Length: 9\r\n"]))
        )
    is_last = draw(st.booleans())
    if is_last:
        headers.append(("connection", draw(st.sampled_from(["close", "x, Close"]))))
    padding = draw(st.sampled_from(["", " ", "\t "]))
    lines = [f"{name}:{padding}{value} ".encode("latin-1") for name, value in headers]
    status_line = b"HTTP/1.1 %d%s" % (status, draw(st.sampled_from([b"", b" ", b" Caf\xe9 \x01"])))
    before = b"HTTP/1.1 100 Continue\r\n\r\n" * draw(st.integers(0, 2))
    head = line_end.join([before + status_line, *lines, b"", b""])
    is_framed = framing != "end" or status in {204, 304}
    return Said(head + said, tuple(headers), status, body, is_framed and not is_last)


@given(answers(), st.lists(st.integers(1, 60), min_size=1))
def test_a_valid_answer_is_read_as_it_was_meant(said: Said, sizes: list[int]) -> None:
    starts = [0, *itertools.accumulate(sizes)]
    pieces = [said.data[start:end] for start, end in itertools.pairwise([*starts, len(said.data)])]

    answer, is_reusable = read(Spoken(filter(None, pieces)))

    assert (answer.head.status_code, answer.head.headers) == (said.status, said.headers)
    assert (answer.body, answer.is_truncated) == (said.body, False)
    assert is_reusable == said.is_reusable


@given(answers(), st.binary(min_size=1, max_size=4) | st.sampled_from([b"\r\n", b"\n", b"\r"]))
def test_whatever_comes_with_an_answer_forbids_another(said: Said, more: bytes) -> None:
    answer, is_reusable = read(Spoken([said.data + more]))

    assert answer.head.status_code == said.status
    assert answer.body in {said.body, said.body + more}
    assert not is_reusable


@given(answers(), st.data())
def test_an_answer_that_breaks_off_is_never_taken_for_a_whole(
    said: Said, data: st.DataObject
) -> None:
    end = data.draw(st.integers(0, len(said.data) - 1))

    try:
        answer, is_reusable = read(Spoken([said.data[:end]]))
    except UnreachableError:
        return

    is_open_ended = not {"content-length", "transfer-encoding"} & {
        name.lower() for name, _ in answer.head.headers
    }
    assert said.body.startswith(answer.body)
    assert answer.is_truncated or is_open_ended
    assert not is_reusable


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (CHUNKED, b"1\r\nx\r\n"),
        (CHUNKED + b"1", b";e=f"),
        (CHUNKED, b"0"),
        (CHUNKED + b"0\r\n", b"A: b\r\n"),
        (CHUNKED + b"0\r\nA:", b" "),
        (CHUNKED + b"0\r\n", b"A"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    ],
)
def test_a_body_that_comes_byte_by_byte_is_read_for_64_kib(start: bytes, again: bytes) -> None:
    stream = Spoken(byte_by_byte(start + again * 100_000))

    answer, is_reusable = read(stream)

    assert answer.is_truncated
    assert len(answer.body) <= 16 * 1024
    assert stream.size <= len(start) + 64 * 1024
    assert not is_reusable


@pytest.mark.parametrize(
    "again", [b"A: b\r\n", b"x", b"A:", b"A:" + b" " * 1000, b"A: b\r\n c\r\n", b"\xff"]
)
def test_a_head_that_comes_byte_by_byte_is_read_for_64_kib(again: bytes) -> None:
    stream = Spoken(byte_by_byte(b"HTTP/1.1 200 OK\r\n" + again * 100_000))

    with pytest.raises(UnreachableError, match="64 KiB"):
        read(stream)

    assert stream.size == 64 * 1024


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: 2\r\nContent-Length: 2\r\nContent-Length: 02\r\n",
        b"Content-Length: 2\r\nA: b\r\nContent-Length: 2\r\n 3\r\n",
        b"Content-Length: 2, 3\r\n",
        b"Content-Length : 2\r\n",
        b"Content-Length 2: 2\r\n",
        b"Transfer-Encoding: chunked\r\n , gzip\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: \x01chunked\r\n",
        b"Transfer-Encoding: chunked\t\r\n",
        b"Transfer-Encoding: chunked\r\n \r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding:\r\n",
        b" A: b\r\n",
        b"A: b\x0bc\r\n",
        b"A:\r b\r\n",
        b"Content-Length: 2,\r\n",
        b"Content-Length: 2, 2\r\nContent-Length: 3\r\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_no_answer(headers: bytes) -> None:
    with pytest.raises(UnreachableError, match="valid HTTP"):
        read(Spoken([b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n2\r\nok\r\n0\r\n\r\n"]))


@pytest.mark.parametrize(
    "headers",
    [
        b"content-length: 2\r\nA: b\r\nContent-Length:2 \r\n",
        b"Content-Length: 2, 2\r\nA: b\r\n",
        b"Content-Length: 2,\t2\nA: b\nContent-Length: 2\n",
    ],
)
def test_a_length_that_is_repeated_is_read_once(headers: bytes) -> None:
    answer, is_reusable = read(Spoken([b"HTTP/1.1 200 OK\r\n" + headers + b"\r\nok"]))

    assert answer.head.headers == (("Content-Length", "2"), ("A", "b"))
    assert (answer.body, answer.is_truncated, is_reusable) == (b"ok", False, True)


def test_a_header_over_several_lines_is_one_value() -> None:
    head = b"HTTP/1.1 200 OK\r\nA: b\r\n \tc\r\nContent-Length: 0\r\n\r\n"

    answer, _ = read(Spoken([head]))

    assert [value.split() for _, value in answer.head.headers] == [["b", "c"], ["0"]]
