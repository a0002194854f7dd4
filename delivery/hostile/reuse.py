"""Receivers that prepare a surprise for the next request on the same connection."""

from __future__ import annotations

import asyncio

from delivery.hostile.behaviour import OK, Answered, Behaviour
from delivery.hostile.peer import Peer
from delivery.hostile.scripts import DRIP_SECONDS, answer, answering

_UNASKED = answer("410 Gone", body=b"unasked")


async def _close_when_reused(peer: Peer) -> None:
    request = await peer.read_request()
    if request.number > 1:
        peer.close()
    else:
        await peer.send(answer())


async def _answer_early(peer: Peer) -> None:
    await peer.send(answer("413 Content Too Large", "Connection: close"))
    peer.half_close()
    # Closed at once, with bytes unread, it would be a reset, which can overtake the answer.
    await asyncio.sleep(DRIP_SECONDS)
    peer.close()


async def _refuse_cookies(peer: Peer) -> None:
    request = await peer.read_request()
    if request.has_header("Cookie"):
        await peer.send(answer("400 Bad Request", body=b"a cookie came back"))
    else:
        await peer.send(answer("200 OK", "Set-Cookie: id=1; Path=/", "Set-Cookie: way=2"))


REUSE = (
    Behaviour(
        name="unasked-answer",
        description="Sends a second answer, 410, that belongs to no request.",
        expected=OK,
        behave=answering(answer() + _UNASKED),
    ),
    Behaviour(
        name="stray-bytes",
        description="Sends bytes after its answer that belong to nothing.",
        expected=OK,
        behave=answering(answer() + b"\r\n\r\nstray"),
    ),
    Behaviour(
        name="no-content-with-body",
        description="Answers 204, which has no body, with a body that looks like another answer.",
        expected=Answered(status=204),
        behave=answering(answer("204 No Content", body=_UNASKED)),
    ),
    Behaviour(
        name="not-modified-with-body",
        description="Answers 304, which has no body, with a body that looks like another answer.",
        expected=Answered(status=304),
        behave=answering(answer("304 Not Modified", body=_UNASKED)),
    ),
    Behaviour(
        name="closes-when-reused",
        description="Answers, and closes the connection as soon as a second request comes on it.",
        expected=OK,
        behave=_close_when_reused,
    ),
    Behaviour(
        name="early-answer",
        description="Answers 413 before it has read the request, and closes the connection.",
        expected=Answered(status=413),
        behave=_answer_early,
    ),
    Behaviour(
        name="cookies",
        description="Sets cookies, and answers 400 to a request that brings any.",
        expected=OK,
        behave=_refuse_cookies,
    ),
)
