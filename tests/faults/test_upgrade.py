"""Workers of the new version are started before the database has been migrated for them."""

from __future__ import annotations

from pathlib import Path

from tests.faults.scene import Scene
from tests.services.programs import Program


def test_a_worker_that_was_started_before_its_migrations_waits_for_them(
    scene: Scene, tmp_path: Path
) -> None:
    scene.add_owner("ada")
    scene.inside("migrate_back_before_breakers()")
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
