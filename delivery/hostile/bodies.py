"""Receivers whose bodies do harm to whoever decodes, stores or shows them."""

from __future__ import annotations

import functools
import gzip

from delivery.hostile.behaviour import OK, OK_CUT, Behaviour
from delivery.hostile.peer import Peer
from delivery.hostile.scripts import answer, answering

_BOMB_PART = 16 * 1024 * 1024
_BOMB_PARTS = 64
_TAG = b"<script>alert(document.domain)</script><img src=x onerror=alert(1)>"
_TERMINAL = b"\x1b]0;owned\x07\x1b[2J\x1b[1;31mowned\x1b[0m\x08\x08"


@functools.cache
def gzip_bomb() -> bytes:
    """Return a gibibyte of zeros in a megabyte of gzip, in as many members as parts."""
    return gzip.compress(bytes(_BOMB_PART), mtime=0) * _BOMB_PARTS


async def _drop_bomb(peer: Peer) -> None:
    await peer.read_request()
    await peer.send(answer("200 OK", "Content-Encoding: gzip", body=gzip_bomb()))


def _body(name: str, what: str, body: bytes, *headers: str) -> Behaviour:
    return Behaviour(
        name=name,
        description=f"Sends a body {what}.",
        expected=OK,
        behave=answering(answer("200 OK", *headers, body=body)),
    )


BODIES = (
    Behaviour(
        name="gzip-bomb",
        description="Sends a megabyte of gzip that is a gibibyte when it is decoded.",
        expected=OK_CUT,
        behave=_drop_bomb,
    ),
    _body(
        "deflate-garbage", "that claims to be deflate", b"\xffgarbage", "Content-Encoding: deflate"
    ),
    _body(
        "encoded-a-thousand-times",
        "that claims to be compressed a thousand times over",
        b"ok",
        f"Content-Encoding: {', '.join(['gzip'] * 1000)}",
    ),
    _body(
        "unknown-charset",
        "in a charset that does not exist",
        b"ok",
        "Content-Type: text/x; charset=x",
    ),
    _body("nul-in-body", "with NUL, which PostgreSQL cannot store", b"a\x00b"),
    _body("invalid-utf-8-in-body", "that is not UTF-8", b"caf\xe9 \xff\xfe \xc0\xaf"),
    _body(
        "surrogates-in-body",
        "with lone surrogates (WTF-8) and pairs of them (CESU-8)",
        b"\xed\xa0\x80 \xed\xbf\xbf \xed\xa0\xbd\xed\xb8\x80",
    ),
    _body("html-in-body", "with a script in HTML", _TAG, "Content-Type: text/html"),
    _body("terminal-codes-in-body", "with codes that take over a terminal", _TERMINAL),
    _body("directions-in-body", "whose letters run to the left", "\u202egnp.exe\u2066".encode()),
    _body("formula-in-body", "that a spreadsheet would run", b"=cmd|'/C calc'!A0"),
    _body("deep-json-in-body", "of JSON that is 5,000 lists deep", b"[" * 5000 + b"]" * 5000),
)
