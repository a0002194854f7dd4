"""Fixtures that tests of every layer use."""

from __future__ import annotations

import pytest
from django.db import models

from tests.criteria import criteria_of
from tests.work import make_owner

pytest_plugins = ["tests.services.fixtures"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that carry the number of a criterion."""
    for item in items:
        if criteria_of(item.name):
            item.add_marker(pytest.mark.criterion)


@pytest.fixture
def owner(db: None) -> models.Model:  # noqa: ARG001 - asks for the database
    """Return an owner of webhooks."""
    return make_owner("ada")


@pytest.fixture
def other_owner(db: None) -> models.Model:  # noqa: ARG001 - asks for the database
    """Return an owner who must not see anything of the first."""
    return make_owner("bea")
