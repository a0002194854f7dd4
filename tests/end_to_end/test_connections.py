"""How many connections to PostgreSQL a web server keeps, served by uvicorn as users do it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from tests.end_to_end.installation import Installation, production
from tests.end_to_end.test_main_job import publish, subscribe
from tests.services.postgresql import PostgreSQLServer
from tests.services.receiver import Receiver
from tests.services.valkey import ValkeyServer
from tests.services.waiting import eventually

_CLIENTS = 40
_WEB_MOST = 8
_QUERY = "{ webhooks(first: 10) { edges { node { id name } } } }"


@pytest.fixture
def small_postgresql() -> Iterator[PostgreSQLServer]:
    with PostgreSQLServer(max_connections="20") as server:
        yield server


def test_forty_requests_at_once_are_answered_beside_workers_with_twenty_connections(
    small_postgresql: PostgreSQLServer, valkey: ValkeyServer, tmp_path: Path, receiver: Receiver
) -> None:
    with _running(tmp_path, small_postgresql, valkey) as installation:
        token = installation.make_user("ada")
        subscribe(installation, token, receiver.url("/in"))
        publish(installation, owner="ada", count=100)

        for _ in range(2):
            answers = _ask_at_once(installation, token)

            assert [len(answer["webhooks"]["edges"]) for answer in answers] == [1] * _CLIENTS
            assert 1 <= small_postgresql.connections_of("web") <= _WEB_MOST

        receiver.wait_for(100, path="/in")
        assert "too many" not in _output(installation)


def test_clients_that_send_slowly_or_leave_keep_no_thread_from_others(
    small_postgresql: PostgreSQLServer, valkey: ValkeyServer, tmp_path: Path
) -> None:
    with _running(tmp_path, small_postgresql, valkey, ASGI_THREADS="1") as installation:
        token = installation.make_user("ada")
        request = _request(token)

        with _sent(installation, request[:-1]), _sent(installation, request[:-1]):
            for _ in range(_CLIENTS):
                with _sent(installation, request):
                    pass

            assert len(_ask_at_once(installation, token)) == _CLIENTS
        eventually(lambda: small_postgresql.connections_of("web"), 1)


def test_a_web_server_goes_on_after_the_database_was_away(
    small_postgresql: PostgreSQLServer, valkey: ValkeyServer, tmp_path: Path
) -> None:
    with _running(tmp_path, small_postgresql, valkey) as installation:
        token = installation.make_user("ada")
        _ask_at_once(installation, token)

        small_postgresql.restart()

        assert len(_ask_at_once(installation, token)) == _CLIENTS
        assert 1 <= small_postgresql.connections_of("web") <= _WEB_MOST


@contextmanager
def _running(
    folder: Path, postgresql: PostgreSQLServer, valkey: ValkeyServer, **settings: str
) -> Iterator[Installation]:
    valkey.flush()
    with production(
        folder, database_url=postgresql.url, redis_url=valkey.url, **settings
    ) as installation:
        installation.start()
        yield installation


def _ask_at_once(installation: Installation, token: str) -> list[dict[str, Any]]:
    together = Barrier(_CLIENTS)

    def ask(_: int) -> dict[str, Any]:
        together.wait()
        return installation.graphql(_QUERY, token=token)

    with ThreadPoolExecutor(_CLIENTS) as clients:
        return list(clients.map(ask, range(_CLIENTS)))


def _request(token: str) -> bytes:
    body = json.dumps({"query": _QUERY}).encode()
    head = (
        "POST /graphql/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def _sent(installation: Installation, request: bytes) -> Iterator[None]:
    with socket.create_connection(("127.0.0.1", installation.port)) as client:
        client.sendall(request)
        yield


def _output(installation: Installation) -> str:
    assert installation.web
    assert installation.workers
    return installation.web.output + installation.workers.output
