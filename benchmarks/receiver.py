"""An endpoint that accepts everything and does as little as it can, in a process of its own.

`python -m benchmarks.receiver` prints its port and runs until its standard input ends, and so does
`receiver.c`, which costs less. Of each POST they note the moment, the number at the end of its path
and the one behind `no.` in its body. Below `/hang/` they answer none. A GET of `/count` tells how
many were answered, `/arrivals` what was noted, one on a line, and `/reset` forgets it all.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
import time
from typing import NamedTuple

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_WEBHOOK = re.compile(rb"([0-9]+)$")
_EVENT = re.compile(rb"no\.([0-9]+)")


class _Arrival(NamedTuple):
    at: int
    webhook: int
    event: int
    is_answered: bool


_arrivals: list[_Arrival] = []


def _number(pattern: re.Pattern[bytes], text: bytes) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else 0


class _Endpoint(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""
        # A keep-alive answer held back by Nagle's algorithm costs its sender 40 ms.
        raw: socket.socket = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (head := self._received.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._received, 0, head)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self._received) < end:
                return
            method, path, _ = self._received[:head].split(b" ", 2)
            body = self._received[head + 4 : end]
            self._received = self._received[end:]
            if method == b"GET":
                self._answer_question(path)
            else:
                self._take(path, body)

    def _take(self, path: bytes, body: bytes) -> None:
        is_answered = not path.startswith(b"/hang/")
        numbers = _number(_WEBHOOK, path), _number(_EVENT, body)
        _arrivals.append(_Arrival(time.monotonic_ns(), *numbers, is_answered))
        if is_answered:
            self._answer(b"")

    def _answer_question(self, path: bytes) -> None:
        if path == b"/arrivals":
            lines = (f"{each.at} {each.webhook} {each.event}\n" for each in _arrivals)
            self._answer("".join(lines).encode())
            return
        if path == b"/reset":
            _arrivals.clear()
        self._answer(str(sum(each.is_answered for each in _arrivals)).encode())

    def _answer(self, body: bytes) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Endpoint, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
