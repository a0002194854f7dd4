"""Redis is emptied, goes away and hangs, while events are published and delivered."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg
import pytest
from dramatiq.brokers.redis import RedisBroker

from delivery import actors
from tests.faults.scene import PATIENCE, Scene
from tests.services.valkey import ValkeyServer
from tests.services.waiting import eventually

EVENTS = 200

LAST_QUERIES = """
    SELECT query_start FROM pg_stat_activity WHERE application_name = 'worker' AND state = 'idle'
"""
WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE application_name = 'worker' AND wait_event_type = 'Lock'
"""


def test_nothing_is_lost_or_repeated_when_redis_is_emptied_again_and_again(
    scene: Scene, valkey: ValkeyServer, rounds: int
) -> None:
    scene.add_owner("ada")
    with scene.workers():
        for _ in range(rounds):
            with scene.publishing("ada", count=EVENTS):
                for _ in range(5):
                    scene.wait_for_more(20)
                    valkey.flush()
        scene.wait_until_finished()

    scene.assert_all_was_delivered()


def test_nothing_is_lost_or_repeated_while_redis_is_gone_and_after_it_is_back(
    scene: Scene, valkey: ValkeyServer, rounds: int
) -> None:
    scene.add_owner("ada")
    with scene.workers():
        for _ in range(rounds):
            with scene.publishing("ada", count=EVENTS):
                scene.wait_for_more(20)
                with valkey.outage():
                    scene.wait_for_more(100)
        scene.publish("ada")
        scene.wait_until_finished()

    scene.assert_all_was_delivered()


def test_nothing_is_lost_or_repeated_while_redis_hangs_and_after_it_goes_on(
    scene: Scene, valkey: ValkeyServer, rounds: int
) -> None:
    scene.add_owner("ada")
    with scene.workers():
        for _ in range(rounds):
            with scene.publishing("ada", count=EVENTS):
                scene.wait_for_more(20)
                with valkey.frozen():
                    scene.wait_for_more(100)
        scene.publish("ada")
        scene.wait_until_finished()

    scene.assert_all_was_delivered()


@pytest.mark.parametrize("away", [ValkeyServer.outage, ValkeyServer.frozen])
def test_workers_told_to_stop_while_redis_is_away_do(
    scene: Scene,
    valkey: ValkeyServer,
    away: Callable[[ValkeyServer], AbstractContextManager[None]],
) -> None:
    scene.add_owner("ada")
    with scene.workers() as workers:
        scene.receiver.hangs()
        scene.publish("ada", count=10)
        scene.receiver.wait_for(4)
        with away(valkey):
            scene.publish("ada", count=10)
            workers.ask_to_stop()
            workers.wait_for_line("No more deliveries are claimed")
            scene.receiver.release()
            assert workers.wait(timeout=PATIENCE) == 0
        assert scene.statuses["succeeded"] == len(scene.receiver.answered())

    with scene.workers():
        scene.wait_until_finished()

    scene.assert_all_was_delivered()


def test_while_redis_is_gone_and_one_fan_out_waits_for_a_lock_retries_go_on(
    scene: Scene, valkey: ValkeyServer
) -> None:
    url = scene.installation.env["DATABASE_URL"]
    scene.add_owner("ada")
    scene.receiver.answers_in_turn([500, 500, 200])
    scene.publish("ada")
    with scene.workers():
        eventually(lambda: scene.statuses, {"retrying": 2})
    scene.publish("ada")
    with (
        valkey.outage(),
        psycopg.connect(url) as holder,
        psycopg.connect(url, autocommit=True) as watcher,
    ):
        # Whoever reads may go on, and so see that something waits; whoever fans out may not.
        holder.execute("LOCK TABLE webhook_events_eventrecord IN EXCLUSIVE MODE")
        with scene.workers(PGAPPNAME="worker"):
            eventually(lambda: scene.statuses, {"succeeded": 2})
            looks: set[object] = set()

            def count_looks() -> int:
                looks.update(watcher.execute(LAST_QUERIES))
                return min(len(looks), 8)

            eventually(count_looks, 8)
            assert len(watcher.execute(WAITING).fetchall()) == 1
            holder.rollback()
            scene.wait_until_finished()

    scene.assert_all_was_delivered()


def test_messages_that_come_many_times_repeat_nothing(
    scene: Scene, valkey: ValkeyServer, rounds: int
) -> None:
    broker = RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves it unannotated.
        url=valkey.url, middleware=[], namespace="hookline"
    )
    scene.add_owner("ada")
    with scene.workers(processes=2):
        for _ in range(rounds):
            with scene.publishing("ada", count=EVENTS):
                scene.wait_for_more(20)
                for actor in (actors.fan_out, actors.deliver_due) * 200:
                    broker.enqueue(actor.message())
        scene.wait_until_finished()

    scene.assert_all_was_delivered()
