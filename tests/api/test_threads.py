"""The threads that an ASGI application is carried out on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Barrier, get_ident
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from api.threads import on_few_threads


@pytest.fixture(autouse=True)
def two_threads(settings: Settings) -> None:
    settings.ASGI_THREADS = 2


def _serve(*requests: Callable[[], Awaitable[None]]) -> None:
    """Carry out an application that does what each of these does, for all at the same time."""

    async def application(request: Any, _receive: Any, _send: Any) -> None:
        await request()

    async def serve_all() -> None:
        serve = on_few_threads(application)
        await asyncio.gather(*(serve(request, None, None) for request in requests))

    asyncio.run(asyncio.wait_for(serve_all(), timeout=20))


def test_requests_share_as_many_threads_as_are_set() -> None:
    threads = set()
    both_run = Barrier(2)

    async def first() -> None:
        await sync_to_async(both_run.wait)(timeout=20)
        threads.add(await sync_to_async(get_ident)())

    async def request() -> None:
        threads.add(await sync_to_async(get_ident)())

    _serve(first, first, *[request] * 20)

    assert len(threads) == 2


def test_requests_that_come_together_share_no_thread_while_others_are_free() -> None:
    both_work = Barrier(2)

    async def request() -> None:
        # Django makes a short call before each view.
        await sync_to_async(get_ident)()
        await sync_to_async(both_work.wait)(timeout=20)

    _serve(request, request)


def test_a_request_stays_on_one_thread() -> None:
    requests = []

    async def request() -> None:
        requests.append({await sync_to_async(get_ident)() for _ in range(5)})

    _serve(*[request] * 20)

    assert [len(threads) for threads in requests] == [1] * 20


def test_requests_that_wait_for_something_else_keep_no_thread_from_others() -> None:
    waiting = 0
    all_wait = asyncio.Event()
    others_are_done = asyncio.Event()

    async def stream() -> None:
        nonlocal waiting
        await sync_to_async(get_ident)()
        waiting += 1
        if waiting == 10:
            all_wait.set()
        await others_are_done.wait()
        await sync_to_async(get_ident)()

    async def request() -> None:
        await all_wait.wait()
        await sync_to_async(get_ident)()
        others_are_done.set()

    _serve(*[stream] * 10, request)


def test_what_a_call_raises_reaches_the_server() -> None:
    def call() -> None:
        raise LookupError

    async def request() -> None:
        await sync_to_async(call)()

    with pytest.raises(LookupError):
        _serve(request)
