"""The other end of a connection: whoever sends requests to the hostile receiver."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from delivery.hostile.certificates import Flaw

T = TypeVar("T")

_READ_SIZE = 64 * 1024
_HOLD_SECONDS = 60.0
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,18})\b", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:.*chunked", re.IGNORECASE | re.MULTILINE)
_LAST_CHUNK = re.compile(rb"(?:^|\r\n)0\r\n\r\n")
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as far as behaviours look at it; `number` counts those of its connection from 1."""

    head: bytes
    number: int

    def has_header(self, name: str) -> bool:
        """Tell whether there is a header of this name, in any case."""
        return b"\r\n" + name.lower().encode() + b":" in self.head.lower()


class Peer:
    """A sender's connection, with everything that a receiver can do to it.

    `tls_contexts` are those of the receiver. Whatever is done to a connection that the sender has
    ended raises `OSError`, and ends the behaviour.
    """

    def __init__(
        self, connection: socket.socket, *, tls_contexts: Mapping[Flaw, ssl.SSLContext]
    ) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls_contexts = tls_contexts
        self._socket = connection
        self._received = bytearray()
        self._requests = 0

    @property
    def is_closed(self) -> bool:
        """Whether the receiver has closed the connection."""
        return self._socket.fileno() < 0

    async def receive(self) -> bytes:
        """Return what comes next; nothing at the end of the connection."""
        return await asyncio.get_running_loop().sock_recv(self._socket, _READ_SIZE)

    async def send(self, data: bytes) -> None:
        """Send all of this, as fast as it is taken."""
        await asyncio.get_running_loop().sock_sendall(self._socket, data)
        # A sender that reads fast must not keep the others from their turn.
        await asyncio.sleep(0)

    async def next_path(self) -> str | None:
        """Return the path of the next request once its first line is there; None at the end."""
        while b"\r\n" not in self._received:
            data = await self.receive()
            if not data:
                return None
            self._received += data
        words = bytes(self._received.partition(b"\r\n")[0]).decode("latin-1").split(" ")
        return words[1].partition("?")[0] if len(words) > 1 else ""

    async def read_request(self) -> Request:
        """Read the next request to its end."""
        while _END_OF_HEAD not in self._received:
            await self._receive_more()
        head = bytes(self._received.partition(_END_OF_HEAD)[0])
        del self._received[: len(head) + len(_END_OF_HEAD)]
        if _CHUNKED.search(head):
            await self._skip_chunks()
        elif length := _LENGTH.search(head):
            await self._skip(int(length[1]))
        self._requests += 1
        return Request(head, self._requests)

    async def hold(self) -> None:
        """Say nothing more until the sender ends the connection."""
        while await self.receive():
            pass

    async def hold_unread(self) -> None:
        """Say nothing more and read nothing, for longer than senders wait."""
        await asyncio.sleep(_HOLD_SECONDS)

    def half_close(self) -> None:
        """Say that nothing more will come, and go on to listen."""
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """End the connection as a crash does (RST)."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    async def _receive_more(self) -> None:
        data = await self.receive()
        if not data:
            raise ConnectionAbortedError("The sender broke off in its request.")
        self._received += data

    async def _skip(self, length: int) -> None:
        while length:
            if not self._received:
                await self._receive_more()
            skipped = min(length, len(self._received))
            del self._received[:skipped]
            length -= skipped

    async def _skip_chunks(self) -> None:
        while not (end := _LAST_CHUNK.search(self._received)):
            await self._receive_more()
        del self._received[: end.end()]


class SecurePeer(Peer):
    """A connection with TLS on it; to be begun with `shake_hands`."""

    def __init__(self, peer: Peer, *, flaw: Flaw) -> None:
        super().__init__(peer._socket, tls_contexts=peer.tls_contexts)  # noqa: SLF001 - of its own class
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = peer.tls_contexts[flaw].wrap_bio(
            self._incoming, self._outgoing, server_side=True
        )

    async def shake_hands(self) -> None:
        """Set TLS up, as far as the sender goes along."""
        try:
            await self._step(self._tls.do_handshake)
        except ssl.SSLError:
            # What is left to send is the alert that says so.
            await self._flush()
            raise
        await self._flush()

    async def receive(self) -> bytes:
        """Return what comes next; nothing at the end of the connection."""
        try:
            return await self._step(partial(self._tls.read, _READ_SIZE))
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""

    async def send(self, data: bytes) -> None:
        """Send all of this, as fast as it is taken."""
        self._tls.write(data)
        await self._flush()

    async def _step(self, step: Callable[[], T]) -> T:
        """Take a step of TLS, and give it what it has to wait for."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                await self._flush()
            if data := await super().receive():
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    async def _flush(self) -> None:
        if waiting := self._outgoing.read():
            await super().send(waiting)
