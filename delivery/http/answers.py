"""Reading answers: llhttp parses them, and here stands what counts as one."""

import contextlib
import itertools
import re
from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from delivery.http.failures import UnreachableError
from delivery.http.headers import Headers, is_header_name

SWITCHING_PROTOCOLS = 101

START = b"HTTP/1."
"""How an answer starts. What others mean by their bytes is not for us to say."""

MALFORMED = "The endpoint did not answer with valid HTTP/1.1."
"""What is said of answers that are none."""

_SMALLEST_STATUS = 100
# What the leniencies let through and no head needs: NUL and its like, a CR that ends no line, and a
# first header that would go on from the status line.
_ILLEGAL_IN_HEAD = re.compile(rb"[\x00\x0b\x0c]|\r[^\n]")
_FOLDED_STATUS_LINE = re.compile(rb"[^\n]*\n[ \t]")
# The parser sees no chunks where a tab or a line's end follows the word, and would read to the end.
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:[ \t]*chunked *\r?\n(?![ \t])")
_LENGTH = re.compile(rb"(?im)^content-length:([0-9, \t]+)\r?\n(?![ \t])")


class Head(NamedTuple):
    """The status and headers of an answer; headers keep their order, case and repetitions."""

    status_code: int
    reason: str
    headers: Headers


class AnswerReader:
    """Reads the answers that come on one connection, one after another.

    `body` is what has come of the body, `is_complete` whether that is all of it, and
    `ends_by_closing` whether only the end of the connection can tell. The methods whose names start
    with `on_` are for the parser to call.
    """

    __slots__ = (
        "_codings",
        "_has_head",
        "_has_length",
        "_has_surplus",
        "_headers",
        "_keeps_alive",
        "_parser",
        "_reason",
        "body",
        "is_complete",
    )

    def __init__(self) -> None:
        self._begin()

    @property
    def ends_by_closing(self) -> bool:
        """Whether the head has not told how long the body is."""
        return not self._has_length and not self._codings

    @property
    def permits_reuse(self) -> bool:
        """Whether another answer may follow this one, which ended where it had to."""
        # Whoever states a length beside chunks may have been lied to, and may be lying to us.
        is_ambiguous = self._has_length and self._codings
        is_clean = self.is_complete and not self._has_surplus
        return self._keeps_alive and is_clean and not is_ambiguous

    def read_head(self, head: bytes) -> Head:
        """Read a head, from its first byte to the end of its blank line.

        Raises:
            UnreachableError: it is none of HTTP/1.0 or HTTP/1.1.
        """
        is_illegal = _ILLEGAL_IN_HEAD.search(head) or _FOLDED_STATUS_LINE.match(head)
        if is_illegal or not head.startswith(START):
            raise UnreachableError(MALFORMED)
        self._feed(head)
        if not self._has_head:
            # The parser refuses a length that is repeated, though it be the same.
            self._feed(_with_one_length(head))
        # These are for heads. In chunks, they would let a size be wrong by one.
        self._parser.set_dangerous_leniencies(
            lenient_headers=False, lenient_optional_cr_before_lf=False
        )
        status = self._parser.get_status_code()
        if not self._has_head or status < _SMALLEST_STATUS or not self._is_understood(head):
            raise UnreachableError(MALFORMED)
        return Head(status, self._reason, tuple(self._headers))

    def read_body(self, piece: bytes) -> None:
        """Read on in the body of the last head.

        Raises:
            UnreachableError: this is not how a body goes on.
        """
        try:
            # An answer that ended before its last byte was fed has something after it.
            self._parser.feed_data(piece[:-1])
            if not self.is_complete:
                self._parser.feed_data(piece[-1:])
                return
        except HttpParserError as error:
            if not self.is_complete:
                raise UnreachableError(MALFORMED) from error
        self._has_surplus = True

    def on_message_begin(self) -> None:
        """Refuse to read another answer than the one that was asked for."""
        if self.is_complete:
            raise UnreachableError(MALFORMED)

    def on_status(self, reason: bytes) -> None:
        """Take down the reason phrase."""
        self._reason = reason.decode("latin-1")

    def on_header(self, raw_name: bytes, raw_value: bytes) -> None:
        """Take down a header; one that comes after the head is a trailer, which nobody reads."""
        if self._has_head:
            return
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1").strip(" \t")
        self._headers.append((name, value))
        match name.lower():
            case "content-length":
                self._has_length = True
            case "transfer-encoding":
                self._codings.append(value.lower())

    def on_headers_complete(self) -> None:
        """Take down what the parser forgets when the answer is complete."""
        self._has_head = True
        is_current = self._parser.get_http_version() == "1.1"
        self._keeps_alive = is_current and self._parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        """Take down a piece of the body."""
        self.body += piece

    def on_message_complete(self) -> None:
        """Take down that this was all."""
        self.is_complete = True

    def _feed(self, head: bytes) -> None:
        self._begin()
        # After a head that switches protocols the parser always stops so.
        with contextlib.suppress(HttpParserError, HttpParserUpgrade):
            self._parser.feed_data(head)

    def _begin(self) -> None:
        # One parser for each answer: nothing that one did to it changes how the next is read.
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(
            # Control characters in values, and values over several lines. Values are only kept and
            # shown, and those that say how long the body is are judged below.
            lenient_headers=True,
            # A length beside chunks, which counts for nothing. The connection is not used again.
            lenient_chunked_length=True,
            # Lines of a head that end in LF alone. There is one reading of them, and nobody between
            # us and the receiver for whom there could be another.
            lenient_optional_cr_before_lf=True,
            # Blanks after the size of a chunk, which some pad to a fixed width.
            lenient_spaces_after_chunk_size=True,
        )
        self._reason = ""
        self._headers: list[tuple[str, str]] = []
        self._codings: list[str] = []
        self._has_head = self._has_length = self._keeps_alive = self._has_surplus = False
        self.body = bytearray()
        self.is_complete = False

    def _is_understood(self, head: bytes) -> bool:
        # The parser would take a coding that it does not know for a body without length, and a
        # blank before the colon of some headers.
        is_chunked = self._codings == ["chunked"] and _CHUNKED.search(head)
        is_framed = not self._codings or is_chunked
        return bool(is_framed) and all(is_header_name(name) for name, _ in self._headers)


def _with_one_length(head: bytes) -> bytes:
    """Say once what is said several times of the length, as RFC 9110, 8.6 allows."""
    said = {each.strip(b" \t") for line in _LENGTH.findall(head) for each in line.split(b",")}
    if len(said) != 1:
        return head
    lines = itertools.chain([b"Content-Length: %b\r\n" % said.pop()], itertools.repeat(b""))
    return _LENGTH.sub(lambda _: next(lines), head)
