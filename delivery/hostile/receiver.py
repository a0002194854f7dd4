"""The hostile receiver: every behaviour at a URL of its own, on 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from delivery.hostile.behaviour import Answered, Behave, Door, Expectation
from delivery.hostile.catalogue import behaviours
from delivery.hostile.certificates import write_certificates
from delivery.hostile.peer import Peer
from delivery.hostile.scripts import answer, answering

_ADDRESS = "127.0.0.1"
_BACKLOG = 1024
_OUT_OF_FILES_SECONDS = 0.05
_JSON = "Content-Type: application/json"
_NOT_FOUND = b"There is no such behaviour. All of them are listed at /."


class HostileReceiver:
    """Misbehaves in every way there is, in a thread of its own, while the context lasts.

        with HostileReceiver() as receiver:
            send(receiver.url("endless-headers"))

    It listens on 127.0.0.1 only; `port` is that of the behaviours with a path, a free one if it is
    0. `ca_file` is the path of the authority (PEM) to trust, so that of the certificates only the
    bad ones are refused.

    Raises:
        OSError: The port cannot be listened on.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._wanted_port = port

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            folder = opened.enter_context(TemporaryDirectory(prefix="hostile-receiver-"))
            path, self._tls_contexts = write_certificates(Path(folder), now=datetime.now(UTC))
            self.ca_file = str(path)
            self._shared = opened.enter_context(_listen(self._wanted_port))
            self._own = {
                behaviour.name: opened.enter_context(
                    _full() if behaviour.door is Door.FULL_PORT else _listen()
                )
                for behaviour in behaviours.values()
                if behaviour.door is not Door.PATH
            }
            self._start()
            opened.callback(self._stop)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def url(self, name: str) -> str:
        """Return where a behaviour is met.

        Raises:
            LookupError: There is none of this name.
        """
        if name not in behaviours:
            raise LookupError(f"There is no behaviour {name!r}. `behaviours` has all of them.")
        behaviour = behaviours[name]
        port = self._own.get(name, self._shared).getsockname()[1]
        return f"{behaviour.scheme}://{behaviour.host}:{port}/{name}"

    @property
    def index_url(self) -> str:
        """Where all this is told as JSON, for programs in other languages."""
        return f"http://{_ADDRESS}:{self._shared.getsockname()[1]}/"

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="hostile-receiver", daemon=True)
        self._thread.start()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            # Its end cancels whatever is still served.
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._meetings: set[asyncio.Task[None]] = set()
        self._accept_on(self._shared, behave=self._behave_by_path)
        for name, listener in self._own.items():
            if behaviours[name].door is Door.PORT:
                self._accept_on(listener, behave=behaviours[name].behave)
        await self._closing.wait()
        for listener in (self._shared, *self._own.values()):
            self._loop.remove_reader(listener)

    def _accept_on(self, listener: socket.socket, *, behave: Behave) -> None:
        self._loop.add_reader(listener, partial(self._accept, listener, behave=behave))

    def _accept(self, listener: socket.socket, *, behave: Behave) -> None:
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError:
            # Too many files are open, and some of them will be closed.
            self._loop.remove_reader(listener)
            again = partial(self._accept_on, listener, behave=behave)
            self._loop.call_later(_OUT_OF_FILES_SECONDS, again)
            return
        meeting = self._loop.create_task(self._meet(connection, behave=behave))
        self._meetings.add(meeting)
        meeting.add_done_callback(self._meetings.discard)
        # Not in the task, which may be cancelled before it begins.
        meeting.add_done_callback(lambda _: connection.close())

    async def _meet(self, connection: socket.socket, *, behave: Behave) -> None:
        # Senders may end a connection at any time, and the good ones do.
        with contextlib.suppress(OSError):
            await behave(Peer(connection, tls_contexts=self._tls_contexts))

    async def _behave_by_path(self, peer: Peer) -> None:
        while not peer.is_closed and (path := await peer.next_path()) is not None:
            await self._behave_at(path)(peer)

    def _behave_at(self, path: str) -> Behave:
        if path == "/":
            return answering(answer("200 OK", _JSON, body=self._index()))
        found = behaviours.get(path.removeprefix("/"))
        if found is None or found.door is not Door.PATH:
            return answering(answer("404 Not Found", body=_NOT_FOUND))
        return found.behave

    def _index(self) -> bytes:
        index = {
            "caFile": self.ca_file,
            "behaviours": [
                {
                    "name": behaviour.name,
                    "url": self.url(behaviour.name),
                    "description": behaviour.description,
                    "expected": _as_json(behaviour.expected),
                }
                for behaviour in behaviours.values()
            ],
        }
        return json.dumps(index, indent=2).encode()


def _as_json(expected: Expectation) -> Mapping[str, object]:
    if isinstance(expected, Answered):
        return {
            "outcome": "ANSWERED",
            "status": expected.status,
            "isBodyCut": expected.is_body_cut,
        }
    return {"outcome": expected.name}


def _listen(port: int = 0, *, backlog: int = _BACKLOG) -> socket.socket:
    listener = socket.create_server((_ADDRESS, port), backlog=backlog)
    listener.setblocking(False)
    return listener


@contextlib.contextmanager
def _full() -> Iterator[socket.socket]:
    """Listen with room for one connection that waits to be accepted, and let one wait."""
    with _listen(backlog=0) as listener, socket.create_connection(listener.getsockname()):
        yield listener
