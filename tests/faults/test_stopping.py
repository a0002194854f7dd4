"""Workers are told to stop (SIGTERM) while they have all hands full."""

from __future__ import annotations

from datetime import timedelta

from tests.faults.scene import Scene


def test_workers_told_to_stop_record_what_is_under_way_and_leave_the_rest(
    scene: Scene, rounds: int
) -> None:
    scene.add_owner("ada", webhooks=2, in_flight=10)
    scene.receiver.answers(200, delay=timedelta(milliseconds=50))
    for _ in range(rounds):
        with scene.workers(processes=2) as workers, scene.publishing("ada", count=200):
            scene.wait_for_more(50)
            assert workers.terminate() == 0
        # None was broken off, and what was accepted is known to have been.
        assert len(scene.receiver.requests()) == len(scene.receiver.answered())
        assert scene.statuses["succeeded"] == len(scene.receiver.answered())
        assert "sending" not in scene.statuses

    with scene.workers():
        scene.wait_until_finished()

    scene.assert_all_was_delivered()
