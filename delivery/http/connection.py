"""One connection to one receiver, speaking HTTP/1.1 through h11."""

import contextlib
import re
from dataclasses import dataclass

import h11
import requests

from delivery.http.deadline import Deadline
from delivery.http.dialing import Dialled
from delivery.http.failures import NoAnswerError, TlsError, UnreachableError
from delivery.http.purposes import Address

BODY_LIMIT = 16 * 1024
_HEAD_LIMIT = 64 * 1024
# One each for what is known to send any, and some; each costs as much as an answer.
_MOST_INFORMATIONAL = 20
_BODY_ON_THE_WIRE_LIMIT = 4 * BODY_LIMIT
_READ_SIZE = 16 * 1024
_PIECE_SIZE = 2 * 1024

_MALFORMED = "The endpoint did not answer with valid HTTP/1.1."
# h11 takes any version for 1.1. What others mean by their bytes is not for us to say.
_START = b"HTTP/1."
_BLANK_LINE = re.compile(rb"\n\r?\n")
# h11's patterns take quadratic time, many seconds of it, over a line of blanks that ends in one of
# these. None belongs in a head, so such a head is refused before h11 sees it.
_ILLEGAL_IN_HEAD = re.compile(rb"[\x00\x0b\x0c]|\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Message:
    """A request: its head for h11, and the bytes that follow it."""

    head: h11.Request
    body: bytes


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A complete final head, and as much of the body as is kept (`BODY_LIMIT` bytes at most).

    `address` is where it came from.
    """

    head: h11.Response | h11.InformationalResponse
    body: bytes
    is_truncated: bool
    address: Address


class Connection:
    """An open connection on which requests follow each other.

    `address` is where it leads. `idle_since` is the monotonic time (seconds) at which its owner
    last put it aside.
    """

    __slots__ = ("_http", "_is_intact", "_stream", "_unparsed", "address", "idle_since")

    def __init__(self, dialled: Dialled) -> None:
        self.address = dialled.address
        self.idle_since = 0.0
        self._stream = dialled.stream
        # Heads reach the parser whole, so its limit is one on chunk headers and trailers: short,
        # for the same reason as above.
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_PIECE_SIZE)
        self._unparsed = b""
        self._is_intact = True

    def exchange(self, message: Message, *, deadline: Deadline) -> RawAnswer:
        """Send one request and read its answer.

        Raises:
            DeadlineError: no complete head came in time.
            NoAnswerError: the connection ended before one byte came.
            TlsError, UnreachableError: it broke later, or what came is no HTTP.
            h11.LocalProtocolError: the request is one that HTTP does not allow.
        """
        events = (message.head, h11.Data(data=message.body), h11.EndOfMessage())
        self._write(b"".join(self._http.send(event) for event in events), deadline=deadline)
        head = self._read_head(deadline)
        if isinstance(head, h11.InformationalResponse):
            return RawAnswer(head, b"", is_truncated=False, address=self.address)
        kept, is_truncated = self._read_body(deadline)
        return RawAnswer(head, kept, is_truncated, self.address)

    def can_be_kept(self) -> bool:
        """Tell whether the last exchange ended cleanly; if so, get ready for the next."""
        states = (self._http.our_state, self._http.their_state)
        is_clean = self._is_intact and states == (h11.DONE, h11.DONE)
        if not is_clean or self._unparsed or self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        return True

    def is_quiet(self) -> bool:
        """Tell whether nothing has arrived since the last exchange, not even the end."""
        return self._stream.is_quiet()

    def close(self) -> None:
        """Hang up at once."""
        self._stream.close()

    def _write(self, message: bytes, *, deadline: Deadline) -> None:
        try:
            self._stream.send(message, deadline=deadline)
        except (TlsError, UnreachableError):
            # A receiver may answer, say 413, and close before it has read everything; if it did
            # not, reading says so.
            self._is_intact = False

    def _read_head(self, deadline: Deadline) -> h11.Response | h11.InformationalResponse:
        received = bytearray()
        start = searched = heads = 0
        while heads <= _MOST_INFORMATIONAL:
            blank_line = _BLANK_LINE.search(received, max(start, searched - 2))
            if blank_line is None:
                searched = len(received)
                self._read_more_head(received, deadline=deadline)
                continue
            head = self._parse_head(bytes(received[start : blank_line.end()]))
            start = searched = blank_line.end()
            if isinstance(head, h11.Response) or head.status_code == _SWITCHING_PROTOCOLS:
                self._unparsed = bytes(received[start:])
                return head
            heads += 1
        raise UnreachableError("The endpoint announced an answer too often without giving it.")

    def _read_more_head(self, received: bytearray, *, deadline: Deadline) -> None:
        if len(received) >= _HEAD_LIMIT:
            raise UnreachableError("The endpoint answered with more than 64 KiB of headers.")
        try:
            data = self._stream.receive(_READ_SIZE, deadline=deadline)
        except UnreachableError as error:
            raise error if received else NoAnswerError(*error.args) from error
        if not data:
            failure = UnreachableError if received else NoAnswerError
            raise failure("The endpoint closed the connection before it had answered.")
        received += data
        if not received.startswith(_START[: len(received)]):
            raise UnreachableError(_MALFORMED)

    def _parse_head(self, head: bytes) -> h11.Response | h11.InformationalResponse:
        if not head.startswith(_START) or _ILLEGAL_IN_HEAD.search(head):
            raise UnreachableError(_MALFORMED)
        parser = _switch_parser() if head[9:12] == b"101" else self._http
        try:
            parser.receive_data(head)
            event = parser.next_event()
        except h11.RemoteProtocolError as error:
            raise UnreachableError(_MALFORMED) from error
        if not isinstance(event, h11.Response | h11.InformationalResponse):
            raise UnreachableError(_MALFORMED)
        return event

    def _read_body(self, deadline: Deadline) -> tuple[bytes, bool]:
        body = bytearray()
        budget = _BODY_ON_THE_WIRE_LIMIT
        # The head has decided. A body that stalls or breaks off is only a shorter body.
        with contextlib.suppress(requests.RequestException, h11.RemoteProtocolError):
            while len(body) <= BODY_LIMIT and budget > 0:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    piece = self._next_piece(deadline)
                    budget -= len(piece)
                    self._http.receive_data(piece)
                elif isinstance(event, h11.Data):
                    body += event.data
                else:
                    return bytes(body), False
        return bytes(body[:BODY_LIMIT]), True

    def _next_piece(self, deadline: Deadline) -> bytes:
        if not self._unparsed:
            return self._stream.receive(_PIECE_SIZE, deadline=deadline)
        piece, self._unparsed = self._unparsed[:_PIECE_SIZE], self._unparsed[_PIECE_SIZE:]
        return piece


_SWITCHING_PROTOCOLS = 101


def _switch_parser() -> h11.Connection:
    # h11 refuses a 101 that nobody asked for. To us it is an answer like others, and final; so it
    # is read by a parser that believes a switch was proposed.
    parser = h11.Connection(h11.CLIENT)
    headers = [("Host", "-"), ("Connection", "upgrade"), ("Upgrade", "-")]
    parser.send(h11.Request(method="GET", target="/", headers=headers))
    return parser
