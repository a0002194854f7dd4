"""The database is migrated while processes of the new version and of the one before run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.older import version_between
from tests.faults.scene import Scene
from tests.services.programs import Program


def test_a_worker_that_was_started_before_its_migrations_waits_for_them(
    scene: Scene, tmp_path: Path
) -> None:
    scene.add_owner("ada")
    scene.inside("migrate_back(('webhook_delivery', '0005_where_attempts_went'))")
    migrate = Program("manage.py", "migrate", env=scene.installation.env, log=tmp_path / "migrate")
    with scene.workers() as workers:
        scene.publish("ada", count=50)
        workers.wait_for_line("The sweep cannot look")
        assert scene.receiver.requests() == []

        with scene.publishing("ada", count=200), migrate:
            assert migrate.wait() == 0
            workers.wait_for_line("The sweep works again")
        scene.wait_until_finished()

    scene.assert_all_was_delivered()


@pytest.mark.usefixtures("full_form")
def test_processes_of_before_turns_and_order_go_on_while_the_database_is_migrated_and_after(
    scene: Scene, tmp_path: Path
) -> None:
    older = version_between(
        "0006_breaker", "0007_turns", folder=tmp_path / "older", env=scene.installation.env
    )
    scene.add_owner("ada")
    scene.inside(
        "migrate_back(('webhook_delivery', '0006_breaker'), ('webhook_events', '0001_initial'))"
    )
    migrate = Program("manage.py", "migrate", env=scene.installation.env, log=tmp_path / "migrate")
    with older.worker() as old, older.publisher("ada") as publisher:
        scene.wait_for_more(20)
        with migrate:
            assert migrate.wait() == 0
        # Nobody is there but them.
        scene.wait_for_more(20)
        with scene.workers() as workers, scene.publishing("ada", count=200, journeys=20):
            scene.wait_for_more(100)
            older.tell_enough()
            published = int(publisher.wait_for_line(r"published (\d+)")[1])
            scene.note_published("ada", *(f"older {number}" for number in range(published)))
            assert old.terminate() == 0
            assert workers.terminate() == 0
    # What the older ones have let wait behind what they sent is let go when a worker starts.
    with scene.workers():
        scene.wait_until_finished()

    scene.assert_all_was_delivered()
