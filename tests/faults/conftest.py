"""Scenes on PostgreSQL and Redis, and embedded ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.end_to_end.installation import Installation, embedded, production
from tests.faults.clock import Clock
from tests.faults.cues import Cues
from tests.faults.scene import SHIM, Scene
from tests.services.postgresql import PostgreSQLServer
from tests.services.receiver import Receiver
from tests.services.valkey import ValkeyServer

ENV = {**SHIM, "DJANGO_SETTINGS_MODULE": "tests.faults.settings"}


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock") / "offset")


@pytest.fixture(scope="session")
def installed(
    postgresql: PostgreSQLServer,
    valkey: ValkeyServer,
    clock: Clock,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """Return an installation on PostgreSQL and Redis, made once for all scenes of a run."""
    url = postgresql.create_database("faults")
    with psycopg.connect(url, autocommit=True) as connection:
        # As in production: what was committed outlives the server.
        connection.execute("ALTER DATABASE faults SET synchronous_commit TO on")
    folder = tmp_path_factory.mktemp("installed")
    with production(
        folder, database_url=url, redis_url=valkey.url, **ENV, **clock.env
    ) as installation:
        yield installation


@pytest.fixture
def scene(installed: Installation, receiver: Receiver, clock: Clock, tmp_path: Path) -> Scene:
    """Return a scene with workers on PostgreSQL and Redis, in an empty database."""
    clock.set_right()
    made = Scene(installed, receiver, clock, Cues(tmp_path / "cues"), tmp_path)
    made.inside("begin()")
    return made


@pytest.fixture
def embedded_scene(receiver: Receiver, clock: Clock, tmp_path: Path) -> Iterator[Scene]:
    """Return a scene on SQLite, without Redis."""
    clock.set_right()
    with embedded(tmp_path, **ENV, **clock.env) as installation:
        yield Scene(installation, receiver, clock, Cues(tmp_path / "cues"), tmp_path)


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """Return how often to do what is done once in the short form."""
    chosen: int = request.config.getoption("--rounds")
    return chosen


@pytest.fixture
def full_form(rounds: int) -> None:
    """Leave out what takes long, unless all is asked for."""
    if rounds == 1:
        pytest.skip("This is of the full form, which --rounds 2 or more asks for.")
