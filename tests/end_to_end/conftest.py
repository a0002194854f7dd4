"""The two ways to run, for tests that must hold in both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.end_to_end.installation import Installation, embedded, production
from tests.services import waiting
from tests.services.postgresql import PostgreSQLServer
from tests.services.valkey import ValkeyServer


@pytest.fixture(params=["embedded", "production"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """Return an installation that is migrated and not started yet."""
    if request.param == "embedded":
        with embedded(tmp_path) as made:
            yield made
        return
    yield request.getfixturevalue("installation_with_workers")


@pytest.fixture
def installation_with_workers(
    postgresql: PostgreSQLServer, valkey: ValkeyServer, tmp_path: Path
) -> Iterator[Installation]:
    """Return an installation on PostgreSQL and Redis, migrated and not started yet."""
    valkey.flush()
    url = postgresql.create_database(f"end_to_end_{uuid4().hex}")
    with production(tmp_path, database_url=url, redis_url=valkey.url) as made:
        yield made


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Return a function that asks again and again until it is answered as expected."""
    return waiting.eventually
