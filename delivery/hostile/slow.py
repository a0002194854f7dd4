"""Receivers that take their time: a socket's own timeout never ends these."""

from __future__ import annotations

from delivery.hostile.behaviour import OK_CUT, TIMES_OUT, Behaviour
from delivery.hostile.peer import Peer
from delivery.hostile.scripts import CHUNKED, dripping, head, stalling_after


async def _never_reads(peer: Peer) -> None:
    await peer.hold_unread()


SLOW = (
    Behaviour(
        name="silence",
        description="Reads the request and never answers.",
        expected=TIMES_OUT,
        behave=stalling_after(b""),
    ),
    Behaviour(
        name="never-reads",
        description="Stops reading after the first line of the request, and never answers.",
        expected=TIMES_OUT,
        behave=_never_reads,
    ),
    Behaviour(
        name="dripping-status-line",
        description="Sends a status line without end, one byte every 0.2 s.",
        expected=TIMES_OUT,
        behave=dripping(b"", then=b"HTTP/1.1 200 O", for_ever=b"o"),
    ),
    Behaviour(
        name="dripping-headers",
        description="Sends headers without end, one byte every 0.2 s.",
        expected=TIMES_OUT,
        behave=dripping(b"HTTP/1.1 200 OK\r\n", then=b"", for_ever=b"X-Drip: drop\r\n"),
    ),
    Behaviour(
        name="dripping-header-line",
        description="Sends a single header without end, one byte every 0.2 s.",
        expected=TIMES_OUT,
        behave=dripping(b"HTTP/1.1 200 OK\r\n", then=b"X-Drip: ", for_ever=b"o"),
    ),
    Behaviour(
        name="dripping-informational",
        description="Sends `102 Processing` again and again, one byte every 0.2 s.",
        expected=TIMES_OUT,
        behave=dripping(b"", then=b"", for_ever=b"HTTP/1.1 102 Processing\r\n\r\n"),
    ),
    Behaviour(
        name="dripping-body",
        description="Sends a complete head, then a body of a megabyte, one byte every 0.2 s.",
        expected=OK_CUT,
        behave=dripping(head("Content-Length: 1000000"), then=b"", for_ever=b"o"),
    ),
    Behaviour(
        name="dripping-body-without-length",
        description="Sends a complete head, then a body without end, one byte every 0.2 s.",
        expected=OK_CUT,
        behave=dripping(head(), then=b"", for_ever=b"o"),
    ),
    Behaviour(
        name="dripping-chunk-size",
        description="Sends a complete head, then the size of a chunk, a zero every 0.2 s.",
        expected=OK_CUT,
        behave=dripping(CHUNKED, then=b"", for_ever=b"0"),
    ),
    Behaviour(
        name="dripping-trailers",
        description="Sends a complete body in chunks, then trailers, one byte every 0.2 s.",
        expected=OK_CUT,
        behave=dripping(CHUNKED + b"2\r\nok\r\n0\r\n", then=b"", for_ever=b"X-Drip: drop\r\n"),
    ),
    Behaviour(
        name="head-without-end",
        description="Sends a status line and headers but not the blank line, and falls silent.",
        expected=TIMES_OUT,
        behave=stalling_after(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"),
    ),
    Behaviour(
        name="body-without-end",
        description="Sends a complete head and half of the body, and falls silent.",
        expected=OK_CUT,
        behave=stalling_after(head("Content-Length: 100") + b"o" * 50),
    ),
    Behaviour(
        name="continue-then-silence",
        description="Sends `100 Continue`, which nobody asked for, and falls silent.",
        expected=TIMES_OUT,
        behave=stalling_after(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ),
)
