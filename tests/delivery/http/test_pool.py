import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from delivery.http.connection import Connection
from delivery.http.dialing import Dialled
from delivery.http.pool import IdleConnections, Origin
from delivery.http.streams import PlainStream

HERE = Origin("owner-1", "https", "here.example", 443)
THERE = Origin("owner-1", "https", "there.example", 443)

Connect = Callable[[], tuple[Connection, socket.socket]]


@pytest.fixture
def connect() -> Iterator[Connect]:
    ends: list[tuple[Connection, socket.socket]] = []

    def pair() -> tuple[Connection, socket.socket]:
        ours, theirs = socket.socketpair()
        dialled = Dialled(PlainStream(ours), IPv4Address("127.0.0.1"))
        ends.append((Connection(dialled), theirs))
        return ends[-1]

    yield pair
    for connection, theirs in ends:
        connection.close()
        theirs.close()


def is_hung_up(theirs: socket.socket) -> bool:
    theirs.settimeout(0)
    try:
        return theirs.recv(1) == b""
    except BlockingIOError:
        return False


def test_the_connection_used_last_is_taken_first_and_once(connect: Connect) -> None:
    idle = IdleConnections()
    first, second = connect()[0], connect()[0]
    idle.put(HERE, first)
    idle.put(HERE, second)

    assert [idle.take(HERE) for _ in range(3)] == [second, first, None]


def test_a_connection_is_for_its_origin_only(connect: Connect) -> None:
    idle = IdleConnections()
    idle.put(HERE, connect()[0])

    assert idle.take(THERE) is None


def test_the_oldest_goes_when_there_are_too_many(connect: Connect) -> None:
    idle = IdleConnections(most=2)
    (oldest, theirs), (newer, _), (newest, _) = connect(), connect(), connect()

    for origin, connection in ((HERE, oldest), (THERE, newer), (HERE, newest)):
        idle.put(origin, connection)

    assert is_hung_up(theirs)
    assert [idle.take(HERE), idle.take(HERE), idle.take(THERE)] == [newest, None, newer]


def test_a_connection_that_was_idle_too_long_is_closed(connect: Connect) -> None:
    idle = IdleConnections(longest=timedelta(0))
    connection, theirs = connect()
    idle.put(HERE, connection)

    assert idle.take(HERE) is None
    assert is_hung_up(theirs)


@pytest.mark.parametrize("sent", [b"unasked", b""])
def test_a_connection_that_heard_something_is_closed(connect: Connect, sent: bytes) -> None:
    idle = IdleConnections()
    connection, theirs = connect()
    idle.put(HERE, connection)
    theirs.sendall(sent)
    theirs.shutdown(socket.SHUT_WR)

    assert idle.take(HERE) is None


def test_after_closing_nothing_is_kept(connect: Connect) -> None:
    idle = IdleConnections()
    (before, their_before), (after, their_after) = connect(), connect()

    idle.put(HERE, before)
    idle.close()
    idle.put(HERE, after)

    assert is_hung_up(their_before)
    assert is_hung_up(their_after)
    assert idle.take(HERE) is None
