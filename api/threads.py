"""The threads that requests are carried out on under ASGI: a few, which stay."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeAlias, TypeVar

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


def on_few_threads(application: _Application) -> _Application:
    """Return the application, with its synchronous code on `ASGI_THREADS` threads in all.

    Django alone starts a thread for each request. It opens a connection to the database, which
    nobody else can use, and which stays open until garbage is collected: forty requests at once
    need more connections than small databases have. Threads that stay keep a connection each, and
    requests beyond their number wait for one.
    """
    number: int = getattr(settings, "ASGI_THREADS", 8)
    threads = [_Thread() for _ in range(number)]

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        with _OneOf(threads) as thread:
            # Django enters a context as well, which gives way to the one around it.
            async with ThreadSensitiveContext(executor=thread):
                await application(scope, receive, send)

    return serve


class _Thread:
    """A thread, which starts when it is needed, and what it has to do."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="web")
        self._calls: set[Future[Any]] = set()
        self.requests = 0

    @property
    def load(self) -> tuple[int, int]:
        """How many calls it has yet to end, and of how many requests, which will make more."""
        return len(self._calls), self.requests

    def submit(self, call: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        future = self._executor.submit(call, *args, **kwargs)
        self._calls.add(future)
        future.add_done_callback(self._calls.discard)
        return future


class _OneOf(Executor):
    """The thread of one request: at its first call, whichever has the least to do.

    A request stays on its thread, as Django expects, and yet has it only while it calls: clients
    that send or read slowly, and streams that last, keep no thread from others.
    """

    def __init__(self, threads: Sequence[_Thread]) -> None:
        self._threads = threads
        self._chosen: _Thread | None = None

    def __exit__(self, *_: object) -> None:
        if self._chosen is not None:
            self._chosen.requests -= 1

    def submit(self, call: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        if self._chosen is None:
            self._chosen = min(self._threads, key=lambda thread: thread.load)
            self._chosen.requests += 1
        return self._chosen.submit(call, *args, **kwargs)
