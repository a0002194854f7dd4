"""`kill -9` of workers that deliver what is to arrive in order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from delivery.faults import FaultPoint
from tests.faults.scene import Scene
from tests.services.messages import Answer, Answered, ReceivedRequest

JOURNEYS = 4
WEBHOOKS = 2
FIRST = (
    FaultPoint.FANNED_OUT,
    FaultPoint.CLAIM_COMMITTED,
    FaultPoint.SENT,
    FaultPoint.RECORDED,
)
OTHERS = (FaultPoint.DELIVERIES_MADE, FaultPoint.CLAIMED, FaultPoint.RECORD_COMMITTED)
# The same one may be refused again and again, and waits longer each time, with all behind it.
LONGER_THAN_ANY_RETRY = timedelta(days=1, hours=3)
SLOWLY = Answer(delay=timedelta(milliseconds=20))


def test_what_has_a_key_arrives_in_order_however_often_its_workers_are_killed(
    scene: Scene, rounds: int
) -> None:
    kills = FIRST if rounds == 1 else (*FIRST, *OTHERS) * rounds
    scene.add_owner("ada", webhooks=WEBHOOKS, in_flight=JOURNEYS)
    for point in kills:
        # What was refused holds up what is behind it, until the clock jumps.
        scene.receiver.answers_in_turn([503, 503, SLOWLY])
        with scene.workers(processes=2):
            scene.publish("ada", count=20, journeys=JOURNEYS)
            scene.wait_for_more(10)
            scene.cues.give(point)
            scene.publish("ada", count=20, journeys=JOURNEYS)
            scene.cues.wait_until_taken(point)
        scene.clock.jump(LONGER_THAN_ANY_RETRY)
    with scene.workers(processes=2):
        scene.wait_until_finished()

    # Each kill is one of all workers together: the first dies by the cue, the rest right after it.
    scene.assert_all_was_delivered(repeats=len(kills) * WEBHOOKS * JOURNEYS)
    for number in range(WEBHOOKS):
        assert_in_order(scene.receiver.history(f"/ada/{number}"))


def assert_in_order(history: Iterable[ReceivedRequest | Answered]) -> None:
    """Check that each was sent once what is before it in its journey had been accepted.

    And that nothing came again once the next had been sent.
    """
    last = [journey - JOURNEYS for journey in range(JOURNEYS)]
    accepted = set(last)
    for each in history:
        request = each.request if isinstance(each, Answered) else each
        number = int(request.json()["data"]["message"].split()[1])
        journey = number % JOURNEYS
        if isinstance(each, Answered):
            accepted |= {number} if each.answer.status == 200 else set()
        elif number != last[journey]:
            assert number == last[journey] + JOURNEYS, "out of order"
            assert last[journey] in accepted, "before the one before it was accepted"
            last[journey] = number
