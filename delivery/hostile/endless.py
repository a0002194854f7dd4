"""Receivers that never come to an end, as fast as they are read: memory is what they are after."""

from __future__ import annotations

from delivery.hostile.behaviour import NO_ANSWER, OK, OK_CUT, Answered, Behaviour
from delivery.hostile.scripts import CHUNKED, answer, answering, flooding, head

_STATUS_LINE = b"HTTP/1.1 200 OK\r\n"

ENDLESS = (
    Behaviour(
        name="endless-status-line",
        description="Sends a reason phrase without end.",
        expected=NO_ANSWER,
        behave=flooding(b"HTTP/1.1 200 ", for_ever=b"very "),
    ),
    Behaviour(
        name="endless-headers",
        description="Sends headers without end.",
        expected=NO_ANSWER,
        behave=flooding(_STATUS_LINE, for_ever=b"X-Endless: yes\r\n"),
    ),
    Behaviour(
        name="endless-header-line",
        description="Sends a single header without end.",
        expected=NO_ANSWER,
        behave=flooding(_STATUS_LINE + b"X-Endless: ", for_ever=b"o"),
    ),
    Behaviour(
        name="endless-blanks",
        description="Sends a header of blanks without end, over which some parsers ponder long.",
        expected=NO_ANSWER,
        behave=flooding(_STATUS_LINE + b"X-Endless:", for_ever=b" \t"),
    ),
    Behaviour(
        name="endless-continue",
        description="Sends `100 Continue` without end.",
        expected=NO_ANSWER,
        behave=flooding(b"", for_ever=b"HTTP/1.1 100 Continue\r\n\r\n"),
    ),
    Behaviour(
        name="endless-early-hints",
        description="Sends `103 Early Hints` without end.",
        expected=NO_ANSWER,
        behave=flooding(
            b"", for_ever=b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
        ),
    ),
    Behaviour(
        name="large-head",
        description="Sends a complete and correct answer whose head is as long as 128 KiB.",
        expected=NO_ANSWER,
        behave=answering(answer("200 OK", *[f"X-{n}: {'o' * 1000}" for n in range(128)])),
    ),
    Behaviour(
        name="many-headers",
        description="Sends a complete and correct answer with a thousand different headers.",
        expected=OK,
        behave=answering(answer("200 OK", *[f"X-{n}: {n}" for n in range(1000)])),
    ),
    Behaviour(
        name="repeated-header",
        description="Sends a complete and correct answer with one header two thousand times.",
        expected=OK,
        behave=answering(answer("200 OK", *["X-Again: and again"] * 2000)),
    ),
    Behaviour(
        name="switching-protocols",
        description="Answers `101 Switching Protocols`, which nobody asked for, and other bytes.",
        expected=Answered(status=101),
        behave=flooding(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            for_ever=b"\x00\xff",
        ),
    ),
    Behaviour(
        name="endless-body",
        description="Sends a body without a length and without end.",
        expected=OK_CUT,
        behave=flooding(head(), for_ever=b"o"),
    ),
    Behaviour(
        name="endless-body-with-length",
        description="Announces a body of a terabyte and sends it.",
        expected=OK_CUT,
        behave=flooding(head("Content-Length: 1000000000000"), for_ever=b"o"),
    ),
    Behaviour(
        name="endless-chunks",
        description="Sends chunks without end.",
        expected=OK_CUT,
        behave=flooding(CHUNKED, for_ever=b"5\r\nhello\r\n"),
    ),
    Behaviour(
        name="endless-chunk",
        description="Announces a single chunk of a terabyte and sends it.",
        expected=OK_CUT,
        behave=flooding(CHUNKED + b"E8D4A51000\r\n", for_ever=b"o"),
    ),
    Behaviour(
        name="endless-chunk-size",
        description="Sends the size of a chunk as zeros without end.",
        expected=OK_CUT,
        behave=flooding(CHUNKED, for_ever=b"0"),
    ),
    Behaviour(
        name="endless-chunk-extension",
        description="Sends the extension of a chunk without end.",
        expected=OK_CUT,
        behave=flooding(CHUNKED + b"2;", for_ever=b"x=y;"),
    ),
    Behaviour(
        name="endless-trailers",
        description="Sends a complete body in chunks, then trailers without end.",
        expected=OK_CUT,
        behave=flooding(CHUNKED + b"2\r\nok\r\n0\r\n", for_ever=b"X-Endless: yes\r\n"),
    ),
)
