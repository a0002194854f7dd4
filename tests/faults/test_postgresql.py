"""PostgreSQL is restarted while events are published and delivered."""

from __future__ import annotations

import pytest

from tests.faults.scene import Scene
from tests.services.postgresql import PostgreSQLServer


@pytest.mark.parametrize("at_once", [False, True], ids=["in order", "as if it crashed"])
def test_nothing_is_lost_or_repeated_when_postgresql_is_restarted(
    scene: Scene, postgresql: PostgreSQLServer, at_once: bool, rounds: int
) -> None:
    scene.add_owner("ada")
    with scene.workers():
        for _ in range(rounds):
            with scene.publishing("ada", count=200):
                scene.wait_for_more(50)
                postgresql.restart(at_once=at_once)
                scene.wait_for_more(50)
        scene.wait_until_finished()

    scene.assert_all_was_delivered()
