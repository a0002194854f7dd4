from collections.abc import Iterator
from contextlib import closing

import pytest

from delivery.hostile import HostileReceiver
from delivery.http.transport import Transport
from tests.delivery.http.conftest import LOOPBACK, lying


@pytest.fixture(scope="session")
def hostile() -> Iterator[HostileReceiver]:
    with HostileReceiver() as listening:
        yield listening


@pytest.fixture
def transport(hostile: HostileReceiver) -> Iterator[Transport]:
    """Return a transport that trusts the receiver's authority, and takes every name for it."""
    transport = Transport(rules=LOOPBACK, ca_file=hostile.ca_file, resolver=lying("127.0.0.1"))
    with closing(transport):
        yield transport
