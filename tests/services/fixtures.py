"""The services as fixtures; none starts before a test asks for it."""

from collections.abc import Iterator

import pytest

from tests.services.postgresql import PostgreSQLServer
from tests.services.receiver import Receiver
from tests.services.valkey import ValkeyServer


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    with PostgreSQLServer() as server:
        yield server


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening
