"""Fixtures for tests of the API."""

from __future__ import annotations

import pytest

from tests.api.client import GraphQL


@pytest.fixture
def graphql(db: None) -> GraphQL:  # noqa: ARG001 - asks for the database
    """Return what sends requests to the endpoint."""
    return GraphQL()
