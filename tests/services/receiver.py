"""An endpoint on 127.0.0.1 that remembers what it received and answers as it was told."""

import asyncio
import socket
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from datetime import timedelta
from threading import Condition, Thread
from typing import Self, cast

from tests.services.messages import HANGS, Answer, Answered, ReceivedRequest, take_request

_BACKLOG = 1024


class Receiver:
    """An HTTP/1.1 endpoint that listens while the context lasts.

    It answers every request with an empty 200 until it is told otherwise, for one path or for
    every path that was told nothing of its own. Connections are kept open between requests.
    A thread of its own serves all of them; every method may be called from any thread.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        # Whatever is kept per path is kept under None for all paths together.
        self._answers: dict[str | None, deque[Answer]] = {None: deque([Answer()])}
        self._requests: defaultdict[str | None, list[ReceivedRequest]] = defaultdict(list)
        self._answered: defaultdict[str | None, list[Answered]] = defaultdict(list)
        self._history: defaultdict[str, list[ReceivedRequest | Answered]] = defaultdict(list)
        self._in_flight: Counter[str | None] = Counter()
        self._peaks: Counter[str | None] = Counter()
        self._connections: set[_Connection] = set()

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = Thread(target=self._run, name="receiver", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def url(self, path: str = "/") -> str:
        """Say where the endpoint takes requests for this path."""
        return f"http://127.0.0.1:{self._port}{path}"

    def answers(
        self,
        status: int,
        *,
        path: str | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        delay: timedelta = timedelta(0),
    ) -> None:
        """Answer every request from now on like this, `delay` after it arrived."""
        answer = Answer(status=status, body=body, headers=headers or {}, delay=delay)
        self.answers_in_turn([answer], path=path)

    def answers_in_turn(self, turns: Iterable[int | Answer], *, path: str | None = None) -> None:
        """Answer the next requests with these statuses, one each; the last is for all that follow.

        Raises:
            ValueError: There is no turn.
        """
        answers = deque(Answer(status=turn) if isinstance(turn, int) else turn for turn in turns)
        if not answers:
            raise ValueError("answers_in_turn() got no turns. Give it one status at least.")
        with self._changed:
            self._answers[path] = answers

    def hangs(self, *, path: str | None = None) -> None:
        """Take requests and leave them without an answer until they are released."""
        self.answers_in_turn([HANGS], path=path)

    def release(self, *, path: str | None = None) -> None:
        """Answer what hangs with 200, and what comes to this path, or to any path, after it."""
        with self._changed:
            if path is None:
                self._answers.clear()
            self._answers[path] = deque([Answer()])
        self._loop.call_soon_threadsafe(self._release_hanging, path)

    def requests(self, path: str | None = None) -> list[ReceivedRequest]:
        """List what has arrived at this path, or at all, in the order of arrival."""
        with self._changed:
            return list(self._requests[path])

    def answered(self, path: str | None = None) -> list[Answered]:
        """List what was answered at this path, or at all, in the order of the answers."""
        with self._changed:
            return list(self._answered[path])

    def history(self, path: str) -> list[ReceivedRequest | Answered]:
        """List requests to this path and their answers, as they came and went."""
        with self._changed:
            return list(self._history[path])

    def wait_for(
        self,
        count: int,
        *,
        path: str | None = None,
        timeout: timedelta = timedelta(seconds=20),
    ) -> list[ReceivedRequest]:
        """Wait until so many requests or more have arrived, and list them all.

        Raises:
            AssertionError: Fewer arrived in time; the message says which.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._requests[path]) >= count, timeout.total_seconds()
            )
            arrived = list(self._requests[path])
            if len(arrived) < count:
                raise AssertionError(
                    f"Waited {timeout.total_seconds():g} s for {count} requests to "
                    f"{path or 'any path'}, but {len(arrived)} arrived. {self._summary()}"
                )
            return arrived

    def in_flight_peak(self, path: str | None = None) -> int:
        """Count the most requests that ever waited for their answer at the same time."""
        with self._changed:
            return self._peaks[path]

    def reset(self) -> None:
        """Forget every request and every instruction, and release what hangs."""
        self.release()
        with self._changed:
            self._requests.clear()
            self._answered.clear()
            self._history.clear()
            self._peaks.clear()

    def _summary(self) -> str:
        seen = Counter(f"{request.method} {request.path}" for request in self._requests[None])
        counts = [f"{request} {count} times" for request, count in seen.items()]
        return f"In all: {', '.join(counts) or 'nothing'}."

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await self._loop.create_server(
            lambda: _Connection(self), sock=self._socket, backlog=_BACKLOG
        )
        await self._closing.wait()
        server.close()
        self._release_hanging(None)
        for connection in self._connections:
            connection.abort()

    def _release_hanging(self, path: str | None) -> None:
        for connection in self._connections:
            connection.release(path)

    def _begin(self, request: ReceivedRequest) -> Answer:
        with self._changed:
            self._history[request.path].append(request)
            for key in (None, request.path):
                self._requests[key].append(request)
                self._in_flight[key] += 1
                self._peaks[key] = max(self._peaks[key], self._in_flight[key])
            self._changed.notify_all()
            turns = self._answers.get(request.path) or self._answers[None]
            return turns.popleft() if len(turns) > 1 else turns[0]

    def _note_answer(self, answered: Answered) -> None:
        with self._changed:
            self._history[answered.request.path].append(answered)
            for key in (None, answered.request.path):
                self._answered[key].append(answered)

    def _end(self, request: ReceivedRequest) -> None:
        with self._changed:
            self._in_flight.subtract((None, request.path))


class _Connection(asyncio.Protocol):
    """One client's connection: takes its requests one after the other."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._buffer = bytearray()
        self._request: ReceivedRequest | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._receiver._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # asyncio passes it.
        self._receiver._connections.discard(self)
        if self._request:
            self._timer.cancel()
            self._receiver._end(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._take_next()

    def release(self, path: str | None) -> None:
        """Answer now what hangs at this path, or at any."""
        if self._request and self._answer == HANGS and path in (None, self._request.path):
            self._timer.cancel()
            self._reply(self._request)

    def abort(self) -> None:
        self._transport.abort()

    def _take_next(self) -> None:
        if self._request:  # Its answer comes first; what a client sent meanwhile stays buffered.
            return
        try:
            request = take_request(self._buffer)
        except ValueError as error:
            refusal = Answer(status=400, body=str(error).encode(), headers={"Connection": "close"})
            self._transport.write(refusal.encode(method=""))
            self._transport.close()
            return
        if request:
            self._request = request
            self._answer = self._receiver._begin(request)
            delay = self._answer.delay.total_seconds()
            self._timer = asyncio.get_running_loop().call_later(delay, self._reply, request)

    def _reply(self, request: ReceivedRequest) -> None:
        self._receiver._note_answer(Answered(request, self._answer))
        self._transport.write(self._answer.encode(method=request.method))
        self._receiver._end(request)
        self._request = None
        if "close" in (request.headers.get("Connection"), self._answer.headers.get("Connection")):
            self._transport.close()
        self._take_next()
