"""How an attempt can end, as values."""

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from delivery.http.purposes import Address


class Phase(enum.Enum):
    """What an attempt was doing when its deadline passed.

    Reading the body is not among them: a complete head has decided the attempt before.
    """

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    WRITE = "write"
    HEAD = "head"

    @property
    def description(self) -> str:
        """The phase in words, to follow "while"."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    Phase.RESOLVE: "looking up the host name",
    Phase.CONNECT: "connecting",
    Phase.TLS: "setting up TLS",
    Phase.WRITE: "sending the request",
    Phase.HEAD: "waiting for the status and headers",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpAnswer:
    """What a receiver answered: a complete head, and the start of the body.

    All text can be stored by PostgreSQL: it holds no NUL and no lone surrogate. `headers` keep
    their order and case, and repeated ones are joined by commas; `body` is the text of 16 KiB at
    most. `is_truncated` says that the receiver's body was longer, or was never completed.
    """

    status_code: int
    headers: tuple[tuple[str, str], ...]
    body: str
    is_truncated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Dialled:
    """The part that outcomes of attempts at an endpoint have in common.

    `remote_address` is the address that was dialled, or dialled last. It is None if there was none,
    or if it is not a public one: nobody is to map a network by its webhooks.
    """

    remote_address: Address | None = None


class _Undialled:
    """The part that outcomes without an attempt at the endpoint have in common."""

    __slots__ = ()

    @property
    def remote_address(self) -> None:
        """None: no address was dialled."""
        return


class _Unanswered:
    """The part that outcomes without an answer have in common."""

    __slots__ = ()

    @property
    def answer(self) -> None:
        """None: no complete head was received."""
        return


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted(_Dialled):
    """The receiver answered with a status from 200 to 299."""

    answer: HttpAnswer

    @property
    def error_message(self) -> None:
        """None: nothing went wrong."""
        return


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected(_Dialled):
    """The receiver answered with any other status; redirects are not followed."""

    answer: HttpAnswer

    @property
    def error_message(self) -> str:
        """The status, in a sentence for the webhook's owner."""
        return f"The endpoint answered with status {self.answer.status_code}."


@dataclass(frozen=True, kw_only=True, slots=True)
class TimedOut(_Dialled, _Unanswered):
    """No complete head came in time; `after` is the limit that passed, `phase` where it did."""

    phase: Phase
    after: timedelta

    @property
    def error_message(self) -> str:
        """The limit and the phase, in a sentence for the webhook's owner."""
        return f"Timed out after {self.after.total_seconds():g} s while {self.phase.description}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreachable(_Dialled, _Unanswered):
    """The name, the connection or the protocol failed before a complete head was received."""

    reason: str

    @property
    def error_message(self) -> str:
        """The reason, in a sentence for the webhook's owner."""
        return self.reason


@dataclass(frozen=True, kw_only=True, slots=True)
class TlsFailed(_Dialled, _Unanswered):
    """No trusted connection could be made: the certificate or the handshake failed."""

    reason: str

    @property
    def error_message(self) -> str:
        """The reason, in a sentence for the webhook's owner."""
        return self.reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked(_Undialled, _Unanswered):
    """We refused to send: the URL or the address behind it is not one we send to."""

    reason: str

    @property
    def error_message(self) -> str:
        """The reason, in a sentence for the webhook's owner that tells nothing of our network."""
        return self.reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Interrupted(_Undialled, _Unanswered):
    """Sending was broken off so often, `times` times, that the delivery was given up.

    It may have been sent, or may have taken its worker down each time. No retry policy is asked.
    """

    times: int

    @property
    def error_message(self) -> str:
        """How often, in a sentence for the webhook's owner."""
        return f"Sending this was broken off {self.times} times."


Outcome: TypeAlias = (
    Accepted | Rejected | TimedOut | Unreachable | TlsFailed | Blocked | Interrupted
)
