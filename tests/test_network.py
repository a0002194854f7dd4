"""The tests stay on this host."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from tests.network import reached_beyond_this_host


def _connect() -> None:
    with socket.socket() as reaching:
        reaching.connect(("192.0.2.1", 80))


def _send() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as reaching:
        reaching.sendto(b"", ("192.0.2.1", 53))


def _look_up() -> None:
    socket.getaddrinfo("example.com", 80)


@pytest.mark.parametrize("reach", [_connect, _send, _look_up])
def test_what_would_leave_this_host_is_refused_and_told_of(reach: Callable[[], None]) -> None:
    with pytest.raises(RuntimeError, match="Tests stay on this host"):
        reach()

    assert len(reached_beyond_this_host()) == 1


def test_this_host_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    socket.getaddrinfo("localhost", 80)

    assert reached_beyond_this_host() == []
