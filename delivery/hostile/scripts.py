"""What many behaviours have in common: how bytes are sent, and what comes after them."""

from __future__ import annotations

import asyncio
from itertools import chain, cycle

from delivery.hostile.behaviour import Behave
from delivery.hostile.peer import Peer

DRIP_SECONDS = 0.2
_FLOOD_SIZE = 16 * 1024


def answer(status: str = "200 OK", *headers: str, body: bytes = b"ok") -> bytes:
    """Write an answer that is complete, and right unless its parts are not."""
    length = f"Content-Length: {len(body)}"
    lines = [f"HTTP/1.1 {status}", *headers, length, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def head(*headers: str) -> bytes:
    """Write the head of an answer with status 200."""
    return "\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode("latin-1")


CHUNKED = head("Transfer-Encoding: chunked")


def answering(said: bytes) -> Behave:
    """Answer the request with this, and listen to the next."""

    async def behave(peer: Peer) -> None:
        await peer.read_request()
        await peer.send(said)

    return behave


def closing_after(said: bytes) -> Behave:
    """Answer the request with this, and close the connection."""

    async def behave(peer: Peer) -> None:
        await peer.read_request()
        await peer.send(said)
        peer.close()

    return behave


def stalling_after(said: bytes) -> Behave:
    """Answer the request with this, and say nothing more."""

    async def behave(peer: Peer) -> None:
        await peer.read_request()
        await peer.send(said)
        await peer.hold()

    return behave


def resetting_after(said: bytes) -> Behave:
    """Answer the request with this, and reset the connection when that has arrived."""

    async def behave(peer: Peer) -> None:
        await peer.read_request()
        if said:
            await peer.send(said)
            # A reset overtakes what the other side has not read yet.
            await asyncio.sleep(DRIP_SECONDS)
        peer.reset()

    return behave


def dripping(said: bytes, *, then: bytes, for_ever: bytes) -> Behave:
    """Answer the request with what is `said`, and then byte by byte with the rest."""

    async def behave(peer: Peer) -> None:
        await peer.read_request()
        await peer.send(said)
        for byte in chain(then, cycle(for_ever)):
            await peer.send(bytes([byte]))
            await asyncio.sleep(DRIP_SECONDS)

    return behave


def flooding(said: bytes, *, for_ever: bytes) -> Behave:
    """Answer the request with what is `said`, and then with the rest as fast as it is taken."""
    piece = for_ever * -(-_FLOOD_SIZE // len(for_ever))

    async def behave(peer: Peer) -> None:
        await peer.read_request()
        await peer.send(said)
        while True:
            await peer.send(piece)

    return behave
