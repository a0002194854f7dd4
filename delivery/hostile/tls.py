"""Receivers whose TLS is missing, broken or not to be trusted, each on a port of its own."""

from __future__ import annotations

import asyncio

from delivery.hostile.behaviour import (
    NO_ANSWER,
    OK,
    TIMES_OUT,
    TLS_FAILS,
    Behave,
    Behaviour,
    Door,
    Expectation,
)
from delivery.hostile.certificates import NAME, Flaw
from delivery.hostile.peer import Peer, SecurePeer
from delivery.hostile.scripts import DRIP_SECONDS, answer, answering

# The start of a long ServerHello (RFC 8446, 5.1 and 4.1.3).
_SERVER_HELLO = b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03"
_HANDSHAKE_FAILURE = b"\x15\x03\x03\x00\x02\x02\x28"


def _secured(behave: Behave, *, flaw: Flaw) -> Behave:
    """Set TLS up with a flaw, and have each request that comes all the same behaved to."""

    async def behave_secured(peer: Peer) -> None:
        secure = SecurePeer(peer, flaw=flaw)
        await secure.shake_hands()
        while not secure.is_closed and await secure.next_path() is not None:
            await behave(secure)

    return behave_secured


def _instead_of_hello(said: bytes) -> Behave:
    async def behave(peer: Peer) -> None:
        await peer.receive()
        await peer.send(said)
        await peer.hold()

    return behave


async def _close_in_handshake(peer: Peer) -> None:
    await peer.receive()
    peer.close()


async def _drip_hello(peer: Peer) -> None:
    await peer.receive()
    await peer.send(_SERVER_HELLO)
    while True:
        await peer.send(b"\x01")
        await asyncio.sleep(DRIP_SECONDS)


async def _cut_off_head(peer: Peer) -> None:
    await peer.read_request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
    peer.close()


def _at_port(
    name: str, description: str, behave: Behave, *, expected: Expectation, host: str = "127.0.0.1"
) -> Behaviour:
    return Behaviour(
        name=name,
        description=description,
        expected=expected,
        behave=behave,
        door=Door.PORT,
        scheme="https",
        host=host,
    )


def _flawed(name: str, what: str, flaw: Flaw, *, host: str = "127.0.0.1") -> Behaviour:
    """Make a receiver that answers 200 to whoever does not mind its TLS."""
    behave = _secured(answering(answer()), flaw=flaw)
    description = f"{what}."
    return _at_port(name, description, behave, expected=TLS_FAILS, host=host)


TLS = (
    _at_port(
        "tls-stall",
        "Takes the first message of a TLS handshake and says nothing.",
        _instead_of_hello(b""),
        expected=TIMES_OUT,
    ),
    _at_port(
        "tls-dripping",
        "Answers in a TLS handshake without end, one byte every 0.2 s.",
        _drip_hello,
        expected=TIMES_OUT,
    ),
    _at_port(
        "tls-garbage",
        "Answers a TLS handshake with bytes that mean nothing.",
        _instead_of_hello(b"\xde\xad\xbe\xef" * 64),
        expected=TLS_FAILS,
    ),
    _at_port(
        "tls-alert",
        "Refuses every TLS handshake.",
        _instead_of_hello(_HANDSHAKE_FAILURE),
        expected=TLS_FAILS,
    ),
    _at_port(
        "plain-http",
        "Answers in plain HTTP where TLS was asked for.",
        _instead_of_hello(answer()),
        expected=TLS_FAILS,
    ),
    _at_port(
        "tls-close",
        "Closes the connection in the middle of a TLS handshake.",
        _close_in_handshake,
        expected=NO_ANSWER,
    ),
    _at_port(
        "tls-cut-off-head",
        "Closes a TLS connection, without a farewell, before the head is complete.",
        _secured(_cut_off_head, flaw=Flaw.NONE),
        expected=NO_ANSWER,
    ),
    _flawed("self-signed", "Shows a certificate that it signed itself", Flaw.SELF_SIGNED),
    _flawed(
        "unknown-authority",
        "Shows a certificate of an authority that nobody knows",
        Flaw.UNKNOWN_AUTHORITY,
    ),
    _flawed("expired", "Shows a certificate that has expired", Flaw.EXPIRED),
    _flawed("not-yet-valid", "Shows a certificate that is valid from tomorrow", Flaw.NOT_YET_VALID),
    _flawed("wrong-name", "Shows a certificate for another name", Flaw.WRONG_NAME),
    _flawed(
        "only-common-name",
        "Shows a certificate with the right name where it has not counted since 2017",
        Flaw.ONLY_COMMON_NAME,
        host=NAME,
    ),
    _flawed("tls-1-0", "Speaks no version of TLS but 1.0", Flaw.TLS_1_0),
    _flawed("tls-1-1", "Speaks no version of TLS but 1.1", Flaw.TLS_1_1),
)

WELL_BEHAVED_TLS = _at_port(
    "well-behaved-tls",
    "Answers 200 over TLS that a sender trusts if it trusts the receiver's authority.",
    _secured(answering(answer()), flaw=Flaw.NONE),
    expected=OK,
)
