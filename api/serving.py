"""Serving requests from inside a command."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from socket import socket

import uvicorn

_LONGEST_GOODBYE = timedelta(seconds=30)


@contextmanager
def serving(listener: socket) -> Iterator[None]:
    """Answer requests that come to a listening socket, from a thread, while the context lasts.

    It closes the socket at the end and waits until requests under way are answered, half a minute
    at most. Without Redis, what it serves delivers as well: see `delivery.worker`.
    """
    config = uvicorn.Config(
        "api.asgi:application",
        # It would choose httptools, by which it reads heads of requests without a bound.
        http="h11",
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=int(_LONGEST_GOODBYE.total_seconds()),
    )
    # Loaded here: a mistake in the project must end the command, not a thread of it.
    config.load()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web-server")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
