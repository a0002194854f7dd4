"""Fixtures for what a project adds to deliveries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from delivery.callbacks import DeliveryAttempted, delivery_callback, delivery_callbacks


@pytest.fixture
def told() -> Iterator[list[DeliveryAttempted]]:
    """Return what the callback `audit` has been told; more may be registered."""
    told: list[DeliveryAttempted] = []
    with delivery_callbacks.scratch():

        @delivery_callback("audit")
        def audit(attempted: DeliveryAttempted) -> None:
            """Keep it."""
            told.append(attempted)

        yield told
