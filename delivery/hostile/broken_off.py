"""Receivers that end the connection too early: an end is not the end of the headers."""

from __future__ import annotations

from delivery.hostile.behaviour import NO_ANSWER, OK, OK_CUT, Behaviour
from delivery.hostile.peer import Peer
from delivery.hostile.scripts import answer, closing_after, head, resetting_after

_HEAD = head("Content-Length: 0")


def _cut(name: str, where: str, said: bytes) -> Behaviour:
    """Make a receiver that closes the connection before its head is complete."""
    return Behaviour(
        name=name,
        description=f"Closes the connection {where}.",
        expected=NO_ANSWER,
        behave=closing_after(said),
    )


async def _half_close_before_answering(peer: Peer) -> None:
    await peer.read_request()
    peer.half_close()
    await peer.hold()


async def _half_close_after_answering(peer: Peer) -> None:
    await peer.read_request()
    await peer.send(head() + b"ok")
    peer.half_close()
    await peer.hold()


BROKEN_OFF = (
    _cut("no-answer", "instead of answering", b""),
    _cut("cut-in-version", "within the version", _HEAD[:6]),
    _cut("cut-in-status", "within the status", b"HTTP/1.1 20"),
    _cut("cut-after-status", "right after the status", b"HTTP/1.1 200"),
    _cut("cut-in-status-line", "at the end of the reason phrase", b"HTTP/1.1 200 OK"),
    _cut("cut-after-status-line", "after the status line", b"HTTP/1.1 200 OK\r\n"),
    _cut("cut-in-header-name", "within a header's name", b"HTTP/1.1 200 OK\r\nContent-Le"),
    _cut("cut-in-header-value", "within a header's value", _HEAD[:-4]),
    _cut("cut-after-headers", "after the headers, before the blank line", _HEAD[:-2]),
    _cut("cut-in-blank-line", "within the blank line", _HEAD[:-1]),
    _cut("cut-after-continue", "after `100 Continue`", b"HTTP/1.1 100 Continue\r\n\r\n"),
    Behaviour(
        name="cut-in-body",
        description="Closes the connection in the middle of the body.",
        expected=OK_CUT,
        behave=closing_after(head("Content-Length: 100") + b"o" * 50),
    ),
    Behaviour(
        name="reset-without-answer",
        description="Resets the connection instead of answering.",
        expected=NO_ANSWER,
        behave=resetting_after(b""),
    ),
    Behaviour(
        name="reset-in-head",
        description="Resets the connection in the middle of the headers.",
        expected=NO_ANSWER,
        behave=resetting_after(_HEAD[:-2]),
    ),
    Behaviour(
        name="reset-in-body",
        description="Resets the connection in the middle of the body.",
        expected=OK_CUT,
        behave=resetting_after(head("Content-Length: 100") + b"o" * 50),
    ),
    Behaviour(
        name="half-close-before-answer",
        description="Says that nothing more will come instead of answering, and goes on to listen.",
        expected=NO_ANSWER,
        behave=_half_close_before_answering,
    ),
    Behaviour(
        name="half-close-after-answer",
        description="Ends a body without length by half a close, and goes on to listen.",
        expected=OK,
        behave=_half_close_after_answering,
    ),
    Behaviour(
        name="keep-alive-then-close",
        description="Promises to keep the connection open for an hour, and closes it at once.",
        expected=OK,
        behave=closing_after(
            answer("200 OK", "Connection: keep-alive", "Keep-Alive: timeout=3600, max=1000")
        ),
    ),
)
