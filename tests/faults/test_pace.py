"""`kill -9` of workers that deliver to a webhook with a limit of requests in a minute."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from delivery.faults import FaultPoint
from delivery.pace import PACE_WINDOW
from tests.faults.scene import PATIENCE, Scene
from tests.services.waiting import eventually
from tests.work import LEASE

LIMIT = 35
# What an endpoint that takes two at a time, and 100 milliseconds for each, takes in 250.
MOST_CLAIMED = 5
A_MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
# With the pauses after them, they fit into a minute: whoever forgot what was sent would send more.
POINTS = (FaultPoint.CLAIMED, FaultPoint.CLAIM_COMMITTED, FaultPoint.SENT)


@pytest.mark.usefixtures("full_form")
def test_workers_that_are_killed_and_started_again_keep_the_pace_of_a_webhook(
    scene: Scene, rounds: int
) -> None:
    scene.add_owner("ada", webhooks=1, in_flight=2, in_a_minute=LIMIT)
    scene.receiver.answers(200, delay=timedelta(milliseconds=100))
    for _ in range(rounds):
        for point in POINTS:
            kill(scene, point)
        with scene.workers(processes=2):
            scene.publish("ada", count=20)
            eventually(lambda: scene.moving, 0)
        while scene.unfinished:
            send_for_a_minute(scene)
        scene.clock.jump(PACE_WINDOW + SECOND)

    scene.assert_all_was_delivered(repeats=len(POINTS) * MOST_CLAIMED * rounds)
    scene.assert_no_attempt_was_wasted()
    started = [scene.clock.shown_at(each.received_at) for each in scene.receiver.requests()]
    assert most_within_a_minute(started) <= LIMIT


def kill(scene: Scene, point: FaultPoint) -> None:
    """Kill one worker at a point and the others right after it; let their leases run out."""
    with scene.workers(processes=2):
        scene.cues.give(point)
        scene.publish("ada", count=10)
        scene.cues.wait_until_taken(point)
    scene.clock.jump(LEASE + SECOND)


def send_for_a_minute(scene: Scene) -> None:
    """Have new workers send what may be sent in a minute, and kill them."""
    scene.clock.jump(PACE_WINDOW + SECOND)
    arrived = len(scene.receiver.requests())
    expected = min(LIMIT, scene.unfinished)
    with scene.workers(processes=2):
        scene.receiver.wait_for(arrived + expected, timeout=PATIENCE)
        eventually(lambda: scene.moving, 0)


def most_within_a_minute(moments: Sequence[datetime]) -> int:
    """Return how many there are in the minute that has the most, wherever it begins."""
    ordered = sorted(moments)
    ends = (bisect_left(ordered, moment + A_MINUTE) for moment in ordered)
    return max(end - begin for begin, end in enumerate(ends))
