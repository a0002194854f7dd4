"""Bytes to and from a receiver, plain or over TLS, none of which takes longer than it may."""

import contextlib
import os
import select
import socket
import ssl
from typing import Protocol

import requests

from delivery.http.deadline import Deadline
from delivery.http.failures import TlsError, UnreachableError
from delivery.http.outcomes import Phase

_READ_SIZE = 16 * 1024
_PIECE_SIZE = 16 * 1024
# For setting up, and for each answer. OpenSSL allows 100 KiB of certificates, and we read some 150
# KiB of an answer. The rest is for what TLS adds to each byte, or sends without any.
_MOST_RECEIVED = 512 * 1024


class Stream(Protocol):
    """A connection by which bytes go to a receiver and come back."""

    def send(self, data: bytes, *, deadline: Deadline) -> None:
        """Send all of the data.

        Raises:
            DeadlineError: it was not taken in time.
            TlsError, UnreachableError: the connection broke.
        """

    def receive(self, size: int, *, deadline: Deadline) -> bytes:
        """Return what has come, at least one byte and at most `size`; none at the end.

        Raises:
            DeadlineError: nothing came in time.
            TlsError, UnreachableError: the connection broke.
        """

    def is_quiet(self) -> bool:
        """Tell whether nothing has come that was not received, not even the end."""

    def close(self) -> None:
        """Hang up at once."""


class _Wire:
    """A connected socket, which never blocks: what it waits for is not to take too long."""

    __slots__ = ("_readable", "_socket")

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected
        # Not `select`, which knows no file descriptor above 1,023.
        self._readable = select.poll()
        self._readable.register(connected, select.POLLIN)

    def send(self, data: bytes, *, deadline: Deadline, phase: Phase) -> None:
        unsent = memoryview(data)
        while unsent:
            seconds = deadline.remaining(phase)
            try:
                unsent = unsent[self._socket.send(unsent) :]
            except BlockingIOError:
                writable = select.poll()
                writable.register(self._socket, select.POLLOUT)
                writable.poll(seconds * 1000)
            except OSError as error:
                raise failure_of(error, deadline=deadline, phase=phase) from error

    def receive(self, size: int, *, deadline: Deadline, phase: Phase) -> bytes:
        while True:
            seconds = deadline.remaining(phase)
            if not self._readable.poll(seconds * 1000):
                continue
            try:
                return self._socket.recv(size)
            except BlockingIOError:
                continue
            except OSError as error:
                raise failure_of(error, deadline=deadline, phase=phase) from error

    def is_quiet(self) -> bool:
        return not self._readable.poll(0)

    def close(self) -> None:
        self._socket.close()


class PlainStream:
    """A stream that is just a socket."""

    __slots__ = ("_wire",)

    def __init__(self, connected: socket.socket) -> None:
        self._wire = _Wire(connected)

    def send(self, data: bytes, *, deadline: Deadline) -> None:
        """Send all of the data."""
        self._wire.send(data, deadline=deadline, phase=Phase.WRITE)

    def receive(self, size: int, *, deadline: Deadline) -> bytes:
        """Return what has come, at least one byte and at most `size`; none at the end."""
        return self._wire.receive(size, deadline=deadline, phase=Phase.HEAD)

    def is_quiet(self) -> bool:
        """Tell whether nothing has come that was not received, not even the end."""
        return self._wire.is_quiet()

    def close(self) -> None:
        """Hang up at once."""
        self._wire.close()


class TlsStream:
    """A stream over TLS.

    OpenSSL is given what has come piece by piece, and no socket: on one, it reads on for as long as
    messages come that carry no data, such as session tickets, and looks at no clock meanwhile.
    """

    __slots__ = ("_budget", "_incoming", "_outgoing", "_tls", "_wire")

    def __init__(self, connected: socket.socket, *, context: ssl.SSLContext, host: str) -> None:
        self._wire = _Wire(connected)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._budget = _MOST_RECEIVED

    def shake_hands(self, *, deadline: Deadline) -> None:
        """Agree on keys, and check that the certificate is one for the host.

        Raises:
            DeadlineError: the receiver did not answer in time.
            TlsError: the handshake failed, or the certificate is not trusted.
            UnreachableError: the connection broke.
        """
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._fill(deadline=deadline, phase=Phase.TLS)
            except ssl.SSLError as error:
                # The receiver is told why, if it listens.
                with contextlib.suppress(requests.RequestException):
                    self._flush(deadline=deadline, phase=Phase.TLS)
                raise _broken(error) from error
            else:
                self._flush(deadline=deadline, phase=Phase.TLS)
                return

    def send(self, data: bytes, *, deadline: Deadline) -> None:
        """Send all of the data."""
        # What comes from here on is another answer.
        self._budget = _MOST_RECEIVED
        unsent = memoryview(data)
        while unsent:
            try:
                unsent = unsent[self._tls.write(unsent[:_PIECE_SIZE]) :]
            except ssl.SSLError as error:
                raise _broken(error) from error
            self._flush(deadline=deadline, phase=Phase.WRITE)

    def receive(self, size: int, *, deadline: Deadline) -> bytes:
        """Return what has come, at least one byte and at most `size`; none at the end."""
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._fill(deadline=deadline, phase=Phase.HEAD)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                # Many receivers end without saying so in TLS. HTTP knows what is missing.
                return b""
            except ssl.SSLError as error:
                raise _broken(error) from error

    def is_quiet(self) -> bool:
        """Tell whether nothing has come that was not received, not even the end."""
        return not self._tls.pending() and not self._incoming.pending and self._wire.is_quiet()

    def close(self) -> None:
        """Hang up at once."""
        self._wire.close()

    def _fill(self, *, deadline: Deadline, phase: Phase) -> None:
        """Hand on what the receiver says next."""
        if self._budget <= 0:
            raise TlsError("TLS with the endpoint failed: too much was sent.")
        self._flush(deadline=deadline, phase=phase)
        received = self._wire.receive(_READ_SIZE, deadline=deadline, phase=phase)
        if received:
            self._incoming.write(received)
        else:
            self._incoming.write_eof()
        self._budget -= len(received)

    def _flush(self, *, deadline: Deadline, phase: Phase) -> None:
        if self._outgoing.pending:
            self._wire.send(self._outgoing.read(), deadline=deadline, phase=phase)


def failure_of(error: OSError, *, phase: Phase, deadline: Deadline) -> requests.RequestException:
    """Say in one of our own exceptions how a socket failed, without naming an address."""
    return deadline.passed(phase) if isinstance(error, TimeoutError) else _broken(error)


def _broken(error: OSError) -> UnreachableError | TlsError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsError(f"The endpoint's certificate is not trusted: {error.verify_message}")
    if isinstance(error, ssl.SSLEOFError):
        return UnreachableError("The endpoint closed the connection.")
    if isinstance(error, ssl.SSLError):
        fault = (error.reason or "protocol error").replace("_", " ").lower()
        return TlsError(f"TLS with the endpoint failed: {fault}.")
    fault = os.strerror(error.errno or 0).lower()
    return UnreachableError(f"The connection to the endpoint failed: {fault}.")
