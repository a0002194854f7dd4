"""Fixtures that tests of every layer use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import models
from hypothesis import settings

from tests.criteria import criteria_of
from tests.network import keep_to_this_host, reached_beyond_this_host
from tests.work import make_owner

pytest_plugins = ["tests.services.fixtures"]

# How long an example takes depends on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

keep_to_this_host()

_LONG = ("tests/test_on_postgresql.py", "tests/faults/", "tests/end_to_end/")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the fault tests be run for longer than they are with all others."""
    parser.addoption("--rounds", type=int, default=1, help="how often faults are repeated")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of criteria and those with a database; begin with those that take long."""
    for item in items:
        if criteria_of(item.name):
            item.add_marker(pytest.mark.criterion)
        if _uses_database(item):
            item.add_marker(pytest.mark.database)
    # So that of several processes none works alone at the end.
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    ranks = (rank for rank, path in enumerate(_LONG) if item.nodeid.startswith(path))
    return next(ranks, len(_LONG))


def _uses_database(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    is_marked = item.get_closest_marker("django_db") is not None
    return is_marked or not {"db", "transactional_db"}.isdisjoint(fixtures)


@pytest.fixture
def owner(db: None) -> models.Model:  # noqa: ARG001 - asks for the database
    """Return an owner of webhooks."""
    return make_owner("ada")


@pytest.fixture
def other_owner(db: None) -> models.Model:  # noqa: ARG001 - asks for the database
    """Return an owner who must not see anything of the first."""
    return make_owner("bea")


@pytest.fixture(autouse=True)
def this_host_only() -> Iterator[None]:
    """Fail whoever would have reached the network, be it in a thread or behind an `except`."""
    yield
    assert reached_beyond_this_host() == []
