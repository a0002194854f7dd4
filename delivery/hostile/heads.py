"""Receivers whose heads are not as HTTP wants them, or carry what harms whoever shows them."""

from __future__ import annotations

from delivery.hostile.behaviour import NO_ANSWER, OK, Behaviour, Expectation
from delivery.hostile.scripts import answer, answering, closing_after

_REST = b"Content-Length: 2\r\n\r\nok"


def _header(name: str, description: str, line: bytes, *, expected: Expectation) -> Behaviour:
    """Make a receiver with an odd line among its headers."""
    said = b"HTTP/1.1 200 OK\r\n" + line + b"\r\n" + _REST
    return Behaviour(name=name, description=description, expected=expected, behave=answering(said))


def _reason(name: str, what: str, reason: bytes, *, expected: Expectation) -> Behaviour:
    said = b"HTTP/1.1 200 " + reason + b"\r\n" + _REST
    return Behaviour(
        name=name,
        description=f"Sends a reason phrase {what}.",
        expected=expected,
        behave=answering(said),
    )


def _not_http(name: str, what: str, said: bytes) -> Behaviour:
    return Behaviour(
        name=name, description=f"Answers {what}.", expected=NO_ANSWER, behave=closing_after(said)
    )


_SURROGATES = b"\xed\xa0\x80 \xed\xbf\xbf"
_TAG = b"<script>alert(document.domain)</script>"

HEADS = (
    _header(
        "folded-header",
        "Sends a header over two lines, as HTTP once allowed.",
        b"X-Folded: one\r\n two",
        expected=OK,
    ),
    _header(
        "folded-status-line",
        "Sends a first header that begins as if it went on from the status line.",
        b" X-Folded: one",
        expected=NO_ANSWER,
    ),
    _header(
        "bare-cr-in-header",
        "Sends a header with a CR that is no line break.",
        b"X-Odd: a\rContent-Length: 9",
        expected=NO_ANSWER,
    ),
    _header(
        "space-before-colon",
        "Sends a header with a space before its colon.",
        b"X-Odd : a",
        expected=NO_ANSWER,
    ),
    _header(
        "header-without-colon",
        "Sends a header without a colon.",
        b"what is this",
        expected=NO_ANSWER,
    ),
    _header("header-without-name", "Sends a header without a name.", b": a", expected=NO_ANSWER),
    _header("nul-in-header", "Sends a header with NUL.", b"X-Odd: a\x00b", expected=NO_ANSWER),
    _header(
        "nul-in-header-name",
        "Sends a header with NUL in its name.",
        b"X-\x00-Odd: a",
        expected=NO_ANSWER,
    ),
    _header(
        "invalid-utf-8-in-header",
        "Sends a header that is not UTF-8.",
        b"X-Odd: caf\xe9 \xff",
        expected=OK,
    ),
    _header(
        "surrogates-in-header",
        "Sends a header with lone surrogates (WTF-8).",
        b"X-Odd: " + _SURROGATES,
        expected=OK,
    ),
    _header("html-in-header", "Sends a header with a script.", b"X-Odd: " + _TAG, expected=OK),
    _header(
        "terminal-codes-in-header",
        "Sends a header with codes that take over a terminal.",
        b"X-Odd: \x1b[2J\x1b[31mowned",
        expected=OK,
    ),
    _reason("html-in-reason", "with a script", _TAG, expected=OK),
    _reason(
        "terminal-codes-in-reason",
        "with codes that take over a terminal",
        b"\x1b[2J\x1b[31mowned",
        expected=OK,
    ),
    _reason("nul-in-reason", "with NUL", b"O\x00K", expected=NO_ANSWER),
    _reason("surrogates-in-reason", "with lone surrogates (WTF-8)", _SURROGATES, expected=OK),
    Behaviour(
        name="bare-line-feeds",
        description="Ends its lines without CR, which a sender may put up with.",
        expected=OK,
        behave=answering(answer().replace(b"\r\n", b"\n")),
    ),
)

NOT_HTTP = (
    _not_http("blank-lines-first", "with blank lines before the status", b"\r\n\r\n" + answer()),
    _not_http("http-0-9", "as HTTP/0.9 did: a body and nothing else", b"<html>ok</html>"),
    _not_http(
        "http-2-status-line", "in the text of a version that has none", b"HTTP/2 200\r\n\r\n"
    ),
    _not_http(
        "http-2-preface",
        "with the first frame of HTTP/2",
        b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64",
    ),
    _not_http("shoutcast", "as radio stations do", b"ICY 200 OK\r\nContent-Length: 0\r\n\r\n"),
    _not_http("tls-alert-in-plain", "with an alert of TLS", b"\x15\x03\x03\x00\x02\x02\x46"),
    _not_http(
        "lower-case-http", "with a version in lower case", answer().replace(b"HTTP", b"http")
    ),
)
