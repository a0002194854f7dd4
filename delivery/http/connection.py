"""One connection to one receiver, speaking HTTP/1.1."""

import contextlib
import re
from dataclasses import dataclass

import requests

from delivery.http.answers import MALFORMED, START, SWITCHING_PROTOCOLS, AnswerReader, Head
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

_SMALLEST_FINAL_STATUS = 200
_BLANK_LINE = re.compile(rb"\n\r?\n")


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A complete final head, and as much of the body as is kept (`BODY_LIMIT` bytes at most).

    `address` is where it came from.
    """

    head: Head
    body: bytes
    is_truncated: bool
    address: Address


class Connection:
    """An open connection on which requests follow each other.

    `address` is where it leads. `idle_since` is the monotonic time (seconds) at which its owner
    last put it aside. `can_be_kept` tells whether the last exchange ended cleanly, so that another
    may follow.
    """

    __slots__ = ("_is_intact", "_reader", "_stream", "address", "can_be_kept", "idle_since")

    def __init__(self, dialled: Dialled) -> None:
        self.address = dialled.address
        self.idle_since = 0.0
        self.can_be_kept = False
        self._stream = dialled.stream
        self._reader = AnswerReader()
        self._is_intact = True

    def exchange(self, message: bytes, *, deadline: Deadline) -> RawAnswer:
        """Send one request and read its answer.

        Raises:
            DeadlineError: no complete head came in time.
            NoAnswerError: the connection ended before one byte came.
            TlsError, UnreachableError: it broke later, or what came is no HTTP.
        """
        self.can_be_kept = False
        self._write(message, deadline=deadline)
        head, rest = self._read_head(deadline)
        if head.status_code == SWITCHING_PROTOCOLS:
            return RawAnswer(head, b"", is_truncated=False, address=self.address)
        is_whole = self._read_body(rest, deadline=deadline)
        self.can_be_kept = self._is_intact and is_whole and self._reader.permits_reuse
        kept = bytes(self._reader.body[:BODY_LIMIT])
        return RawAnswer(head, kept, is_truncated=not is_whole, address=self.address)

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

    def _read_head(self, deadline: Deadline) -> tuple[Head, bytes]:
        """Return the final head, and what came after it."""
        received = bytearray()
        start = searched = heads = 0
        # The parser is given heads whole. By a trickle, it would copy them anew with each byte.
        while heads <= _MOST_INFORMATIONAL:
            blank_line = _BLANK_LINE.search(received, max(start, searched - 2))
            if blank_line is None:
                searched = len(received)
                self._read_more_head(received, deadline=deadline)
                continue
            head = self._reader.read_head(bytes(received[start : blank_line.end()]))
            start = searched = blank_line.end()
            is_final = head.status_code >= _SMALLEST_FINAL_STATUS
            if is_final or head.status_code == SWITCHING_PROTOCOLS:
                return head, bytes(received[start:])
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
        if not received.startswith(START[: len(received)]):
            raise UnreachableError(MALFORMED)

    def _read_body(self, rest: bytes, *, deadline: Deadline) -> bool:
        """Read the body, of which `rest` has come already, and tell whether it is kept whole."""
        reader, budget = self._reader, _BODY_ON_THE_WIRE_LIMIT - len(rest)
        # The head has decided. A body that stalls or breaks off is only a shorter body.
        with contextlib.suppress(requests.RequestException):
            if rest:
                reader.read_body(rest)
            while not reader.is_complete and len(reader.body) <= BODY_LIMIT and budget > 0:
                piece = self._stream.receive(min(_READ_SIZE, budget), deadline=deadline)
                if not piece:
                    return reader.ends_by_closing
                budget -= len(piece)
                reader.read_body(piece)
        return reader.is_complete and len(reader.body) <= BODY_LIMIT
