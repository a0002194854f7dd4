"""Receivers that misbehave below HTTP, each on a port of its own."""

from __future__ import annotations

from delivery.hostile.behaviour import NO_ANSWER, OK, TIMES_OUT, Behaviour, Door
from delivery.hostile.peer import Peer
from delivery.hostile.scripts import answer


async def _never_speak(peer: Peer) -> None:
    await peer.hold_unread()


async def _reset(peer: Peer) -> None:
    peer.reset()


async def _close(peer: Peer) -> None:
    peer.close()


async def _greet_as_ssh(peer: Peer) -> None:
    await peer.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    await peer.hold()


async def _greet_as_smtp(peer: Peer) -> None:
    await peer.send(b"220 mail.example ESMTP\r\n")
    await peer.hold()


async def _answer_on_connect(peer: Peer) -> None:
    await peer.send(answer("200 OK", "Connection: close"))
    await peer.read_request()
    peer.close()


CONNECTIONS = (
    Behaviour(
        name="full-backlog",
        description="Has a port on which connections are never set up, so that connecting hangs.",
        expected=TIMES_OUT,
        behave=_never_speak,
        door=Door.FULL_PORT,
    ),
    Behaviour(
        name="never-speaks",
        description="Accepts connections, reads nothing and says nothing.",
        expected=TIMES_OUT,
        behave=_never_speak,
        door=Door.PORT,
    ),
    Behaviour(
        name="reset-at-once",
        description="Resets connections as soon as they are made.",
        expected=NO_ANSWER,
        behave=_reset,
        door=Door.PORT,
    ),
    Behaviour(
        name="close-at-once",
        description="Closes connections as soon as they are made.",
        expected=NO_ANSWER,
        behave=_close,
        door=Door.PORT,
    ),
    Behaviour(
        name="ssh-banner",
        description="Speaks first, as SSH does.",
        expected=NO_ANSWER,
        behave=_greet_as_ssh,
        door=Door.PORT,
    ),
    Behaviour(
        name="smtp-banner",
        description="Speaks first, as a mail server does, with a number like a status.",
        expected=NO_ANSWER,
        behave=_greet_as_smtp,
        door=Door.PORT,
    ),
    Behaviour(
        name="answer-on-connect",
        description="Sends a complete answer as soon as a connection is made, before any request.",
        expected=OK,
        behave=_answer_on_connect,
        door=Door.PORT,
    ),
)
