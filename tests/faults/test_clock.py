"""The clock of every process jumps, as it does when a wrong one is put right."""

from __future__ import annotations

from datetime import timedelta

from tests.faults.scene import Scene
from tests.services.waiting import eventually

AN_HOUR = timedelta(hours=1)


def test_what_is_under_way_when_the_clock_jumps_forward_comes_again_and_nothing_else(
    scene: Scene,
) -> None:
    scene.add_owner("ada", webhooks=2, in_flight=3)
    scene.receiver.hangs()
    with scene.workers():
        scene.publish("ada", count=3)
        scene.receiver.wait_for(6)

        scene.clock.jump(AN_HOUR)
        # To the clock, their leases ran out long ago.
        scene.receiver.wait_for(12)
        scene.receiver.release()
        with scene.publishing("ada", count=100):
            scene.wait_for_more(50)
        scene.wait_until_finished()

    scene.assert_all_was_delivered(repeats=6)


def test_what_waits_when_the_clock_goes_back_is_sent_when_it_shows_that_time_again(
    scene: Scene,
) -> None:
    scene.add_owner("ada", webhooks=2, in_flight=3)
    scene.add_owner("bea", webhooks=1)
    scene.receiver.hangs()
    with scene.workers():
        scene.publish("ada", count=20)
        scene.receiver.wait_for(6)

        scene.clock.jump(-AN_HOUR)
        scene.receiver.release()
        scene.publish("ada")
        scene.publish("bea", count=20)
        scene.receiver.wait_for(20, path="/bea/0")
        assert len(scene.receiver.requests("/ada/0")) == 3
        eventually(lambda: "sending" in scene.statuses, False)

        scene.clock.jump(AN_HOUR)
        scene.wait_until_finished()

    scene.assert_all_was_delivered()


def test_a_webhook_made_before_the_clock_went_back_gets_what_is_published_since(
    scene: Scene,
) -> None:
    scene.add_owner("ada", webhooks=1, is_new=True)
    with scene.workers():
        scene.clock.jump(-AN_HOUR)
        scene.publish("ada")
        scene.wait_until_finished()

        scene.clock.jump(AN_HOUR)
        scene.publish("ada", count=20)
        scene.wait_until_finished()

    scene.assert_all_was_delivered()
