"""What a behaviour is: what it does to a sender, and what a good sender makes of it."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from delivery.hostile.peer import Peer

Behave: TypeAlias = Callable[[Peer], Awaitable[None]]


class Failure(enum.Enum):
    """How an attempt ends for a good sender if it ends without an answer."""

    TIMES_OUT = "gives up when its time is over"
    NO_ANSWER = "takes it for no answer"
    TLS_FAILS = "refuses the connection and sends nothing"

    @property
    def description(self) -> str:
        """What a good sender does, to follow "it"."""
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A good sender takes this status as given, and follows nothing else that the answer says.

    `is_body_cut` says that it keeps the beginning of the body at most, since the body is longer
    than anyone needs or is never completed.
    """

    status: int
    is_body_cut: bool = False

    @property
    def description(self) -> str:
        """What a good sender does, to follow "it"."""
        cut = " and keeps the start of the body at most" if self.is_body_cut else ""
        return f"takes the status {self.status}{cut}"


Expectation: TypeAlias = Failure | Answered

TIMES_OUT, NO_ANSWER, TLS_FAILS = Failure
OK = Answered(status=200)
OK_CUT = Answered(status=200, is_body_cut=True)


class Door(enum.Enum):
    """Where senders meet a behaviour."""

    PATH = "a path of the port that all share"
    PORT = "a port of its own"
    FULL_PORT = "a port of its own where no connection is ever accepted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """One way to misbehave.

    `name` is in kebab-case. `description` is a sentence that says what the receiver does. `behave`
    does it to one connection; at `Door.PATH` to one request, of which no more was read than the
    line with the path. `host` is the one to ask for where the name matters.
    """

    name: str
    description: str
    expected: Expectation
    behave: Behave
    door: Door = Door.PATH
    scheme: str = "http"
    host: str = "127.0.0.1"
