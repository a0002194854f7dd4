"""Receivers that lie about how long an answer is (RFC 9112, 6 and 7)."""

from __future__ import annotations

from delivery.hostile.behaviour import NO_ANSWER, OK, OK_CUT, Behaviour
from delivery.hostile.scripts import CHUNKED, answering, closing_after, head

# More digits than Python turns into a number.
_MANY_DIGITS = "9" * 5000


def _lengths(name: str, description: str, *headers: str) -> Behaviour:
    """Make a receiver whose head says in an impossible way how long its body is."""
    return Behaviour(
        name=name,
        description=description,
        expected=NO_ANSWER,
        behave=answering(head(*headers) + b"ok"),
    )


def _chunks(name: str, description: str, said: bytes) -> Behaviour:
    """Make a receiver whose head is right and whose chunks are not."""
    return Behaviour(
        name=name, description=description, expected=OK_CUT, behave=answering(CHUNKED + said)
    )


FRAMING = (
    _lengths(
        "conflicting-lengths",
        "Sends two headers `Content-Length` that differ.",
        "Content-Length: 2",
        "Content-Length: 20",
    ),
    _lengths("negative-length", "Sends a `Content-Length` that is negative.", "Content-Length: -2"),
    _lengths("signed-length", "Sends a `Content-Length` with a plus sign.", "Content-Length: +2"),
    _lengths("worded-length", "Sends a `Content-Length` in words.", "Content-Length: two"),
    _lengths("hexadecimal-length", "Sends a `Content-Length` with `0x`.", "Content-Length: 0x2"),
    _lengths(
        "underscored-length",
        "Sends a `Content-Length` that only Python's `int` can read.",
        "Content-Length: 0_2",
    ),
    _lengths(
        "length-of-5000-digits",
        "Sends a `Content-Length` of 5,000 digits, which is more than some parsers bear.",
        f"Content-Length: {_MANY_DIGITS}",
    ),
    _lengths("empty-length", "Sends a `Content-Length` without a value.", "Content-Length:"),
    _lengths(
        "unknown-transfer-encoding",
        "Says that the body is encoded in a way that nobody has defined.",
        "Transfer-Encoding: nonsense",
    ),
    _lengths(
        "chunked-twice",
        "Says that the body is chunked twice over.",
        "Transfer-Encoding: chunked, chunked",
    ),
    Behaviour(
        name="repeated-length",
        description="Sends the same `Content-Length` twice, which a sender may put up with.",
        expected=OK,
        behave=answering(head("Content-Length: 2", "Content-Length: 2") + b"ok"),
    ),
    Behaviour(
        name="length-and-chunks",
        description="Sends a `Content-Length` together with chunks, which disagree.",
        expected=OK,
        behave=answering(
            head("Content-Length: 4", "Transfer-Encoding: chunked") + b"2\r\nok\r\n0\r\n\r\n"
        ),
    ),
    Behaviour(
        name="length-too-long",
        description="Closes the connection long before the body is as long as announced.",
        expected=OK_CUT,
        behave=closing_after(head("Content-Length: 1000") + b"ok"),
    ),
    Behaviour(
        name="length-too-short",
        description="Sends more of a body than was announced, and listens to the next request.",
        expected=OK,
        behave=answering(head("Content-Length: 2") + b"ok, and much more than that"),
    ),
    _chunks("absurd-chunk-size", "Announces a chunk of 2¹²⁸ bytes.", b"F" * 32 + b"\r\nok"),
    _chunks("negative-chunk-size", "Announces a chunk of -2 bytes.", b"-2\r\nok\r\n0\r\n\r\n"),
    _chunks("underscored-chunk-size", "Announces a chunk of `0_2` bytes.", b"0_2\r\nok\r\n"),
    _chunks("worded-chunk-size", "Announces the size of a chunk in words.", b"two\r\nok\r\n"),
    _chunks("chunk-without-size", "Sends a chunk without a size.", b"\r\nok\r\n0\r\n\r\n"),
    _chunks(
        "chunk-longer-than-its-size",
        "Sends a chunk that is longer than announced.",
        b"2\r\nok, and more\r\n0\r\n\r\n",
    ),
    Behaviour(
        name="chunks-without-end",
        description="Closes the connection without a last chunk.",
        expected=OK_CUT,
        behave=closing_after(CHUNKED + b"2\r\nok\r\n"),
    ),
)
