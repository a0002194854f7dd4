"""`kill -9` between any two steps of the fan-out, the engine and the breaker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from delivery.faults import FaultPoint
from tests.faults.scene import LONGER_THAN_A_LEASE, Scene
from tests.services.waiting import eventually

OF_THE_BREAKER = (FaultPoint.PARKED, FaultPoint.LET_OUT, FaultPoint.SENT_ON)
OF_ALL_WORK = tuple(point for point in FaultPoint if point not in OF_THE_BREAKER)
WITHIN_TRANSACTIONS = (FaultPoint.EVENT_MOVED_ON, FaultPoint.CLAIMED, FaultPoint.RECORDED)


def test_a_worker_may_be_killed_between_any_two_steps(scene: Scene, rounds: int) -> None:
    for number in range(rounds):
        kill_and_go_on(scene, OF_ALL_WORK, number=number)


def test_an_embedded_worker_may_be_killed_within_any_transaction(
    embedded_scene: Scene, rounds: int
) -> None:
    kill_and_go_on(embedded_scene, WITHIN_TRANSACTIONS)
    others = [point for point in OF_ALL_WORK if point not in WITHIN_TRANSACTIONS]
    for number in range(1, rounds):
        # A few at a time: whatever has come free of a claim can be under way at the next kill.
        kill_and_go_on(embedded_scene, others[::2], number=number)
        kill_and_go_on(embedded_scene, others[1::2], number=number)


def kill_and_go_on(scene: Scene, points: Sequence[FaultPoint], *, number: int = 0) -> None:
    # A worker claims what an endpoint takes in a quarter of a second: however slowly it records,
    # it can have sent two requests that it has not recorded. That is 1 % of an owner's deliveries.
    scene.receiver.answers(200, delay=timedelta(milliseconds=100))
    with scene.workers(processes=2) as workers:
        for point in points:
            # An owner of its own: what the dead had claimed holds up its webhook for a while.
            owner = f"{point.name}-{number}"
            scene.add_owner(owner, webhooks=1, in_flight=1)
            scene.cues.give(point)
            scene.publish(owner, count=200)
            scene.cues.wait_until_taken(point)
        assert workers.terminate() == 0

    scene.clock.jump(LONGER_THAN_A_LEASE)
    with scene.workers():
        scene.wait_until_finished()

    scene.assert_all_was_delivered(repeats=scene.expected // 100)


def test_a_worker_may_be_killed_while_it_holds_back_probes_and_sends_on(scene: Scene) -> None:
    scene.add_owner("ada", webhooks=2, in_flight=1)
    scene.receiver.answers(503)
    with scene.workers(processes=2):
        scene.publish("ada", count=20)
        eventually(lambda: scene.inside("open_circuits()"), "2")
        scene.cues.give(FaultPoint.PARKED)
        scene.publish("ada", count=20)
        scene.cues.wait_until_taken(FaultPoint.PARKED)

        scene.cues.give(FaultPoint.LET_OUT)
        scene.clock.jump(timedelta(minutes=1))
        scene.cues.wait_until_taken(FaultPoint.LET_OUT)

        scene.cues.give(FaultPoint.SENT_ON)
        scene.receiver.answers(200)
        # The last probe may have been refused just before that.
        scene.clock.jump(timedelta(minutes=2))
        scene.cues.wait_until_taken(FaultPoint.SENT_ON)

        scene.clock.jump(timedelta(hours=1))
        scene.wait_until_finished()

    # One request under way at each webhook, for three kills and three jumps of the clock.
    scene.assert_all_was_delivered(repeats=12)


def test_a_worker_that_is_told_to_stop_may_be_killed_before_it_has(scene: Scene) -> None:
    scene.add_owner("ada", webhooks=2, in_flight=5)
    scene.receiver.hangs()
    with scene.workers() as workers:
        scene.publish("ada", count=50)
        scene.receiver.wait_for(10)
        workers.ask_to_stop()
        workers.wait_for_line("No more deliveries are claimed")
        workers.kill()

    scene.receiver.release()
    scene.clock.jump(LONGER_THAN_A_LEASE)
    with scene.workers():
        scene.wait_until_finished()

    scene.assert_all_was_delivered(repeats=10)
