"""PostgreSQL and Valkey run, break and recover as the tests ask."""

from collections.abc import Iterator

import psycopg
import pytest
import redis

from tests.services.postgresql import PostgreSQLServer
from tests.services.valkey import ValkeyServer


@pytest.fixture
def client(valkey: ValkeyServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url, socket_timeout=0.2) as connected:
        yield connected


def test_postgresql_keeps_rows_over_a_restart_at_the_same_url(postgresql: PostgreSQLServer) -> None:
    url = postgresql.create_database("kept")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE book AS SELECT 'Ulysses' AS title")

    postgresql.restart()

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT title FROM book").fetchone() == ("Ulysses",)


def test_postgresql_refuses_clients_during_an_outage_only(postgresql: PostgreSQLServer) -> None:
    with psycopg.connect(postgresql.url) as connected, postgresql.outage():
        with pytest.raises(psycopg.OperationalError):
            connected.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(postgresql.url)

    with psycopg.connect(postgresql.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_postgresql_knows_letters_beyond_ascii(postgresql: PostgreSQLServer) -> None:
    with psycopg.connect(postgresql.url) as connection:
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)


def test_each_server_is_gone_when_its_context_ends() -> None:
    with PostgreSQLServer() as postgresql, ValkeyServer() as valkey:
        valkey.freeze()

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgresql.url)
    with redis.Redis.from_url(valkey.url) as client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_a_flushed_valkey_is_empty(valkey: ValkeyServer, client: redis.Redis) -> None:
    client.set("key", "value")

    valkey.flush()

    assert client.dbsize() == 0


def test_valkey_refuses_clients_during_an_outage_only(
    valkey: ValkeyServer, client: redis.Redis
) -> None:
    with valkey.outage(), pytest.raises(redis.ConnectionError):
        client.ping()

    assert client.ping()


def test_a_frozen_valkey_hangs_until_it_is_thawed(
    valkey: ValkeyServer, client: redis.Redis
) -> None:
    with valkey.frozen(), pytest.raises(redis.TimeoutError):
        client.ping()

    assert client.ping()
