"""Connections that wait for the next request to the same receiver."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

from delivery.http.connection import Connection


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom a connection belongs to, and where it leads; never used for any other."""

    group: str
    scheme: str
    host: str
    port: int


class IdleConnections:
    """Keeps at most `most` open connections, each for `longest`, the oldest going first.

    All methods may be called from any thread.
    """

    def __init__(self, *, most: int = 200, longest: timedelta = timedelta(seconds=15)) -> None:
        self._most = most
        self._longest = longest.total_seconds()
        self._lock = threading.Lock()
        self._by_origin: dict[Origin, list[Connection]] = {}
        self._oldest_first: OrderedDict[Connection, Origin] = OrderedDict()
        self._is_closed = False

    def take(self, origin: Origin) -> Connection | None:
        """Take out the connection to this origin that was used last, if one is fit for use."""
        while (connection := self._pop(origin)) is not None:
            is_fresh = time.monotonic() - connection.idle_since < self._longest
            # Whatever came unasked is its end, or is no answer to what we are about to ask.
            if is_fresh and connection.is_quiet():
                return connection
            connection.close()
        return None

    def put(self, origin: Origin, connection: Connection) -> None:
        """Put a connection aside that has ended its exchange cleanly."""
        now = connection.idle_since = time.monotonic()
        with self._lock:
            self._by_origin.setdefault(origin, []).append(connection)
            self._oldest_first[connection] = origin
            surplus = self._drop_surplus(now)
        for dropped in surplus:
            dropped.close()

    def close(self) -> None:
        """Close all connections, and from now on those that are put aside."""
        with self._lock:
            self._is_closed = True
            surplus = self._drop_surplus(time.monotonic())
        for dropped in surplus:
            dropped.close()

    def _pop(self, origin: Origin) -> Connection | None:
        with self._lock:
            connections = self._by_origin.get(origin)
            if not connections:
                return None
            connection = connections[-1]
            self._forget(connection)
            return connection

    def _drop_surplus(self, now: float) -> list[Connection]:
        most = 0 if self._is_closed else self._most
        surplus: list[Connection] = []
        for connection in self._oldest_first:
            is_stale = now - connection.idle_since >= self._longest
            if len(self._oldest_first) - len(surplus) <= most and not is_stale:
                break
            surplus.append(connection)
        for connection in surplus:
            self._forget(connection)
        return surplus

    def _forget(self, connection: Connection) -> None:
        origin = self._oldest_first.pop(connection)
        connections = self._by_origin[origin]
        connections.remove(connection)
        if not connections:
            del self._by_origin[origin]
