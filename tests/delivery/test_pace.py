"""The pace of a webhook: no more requests in a minute than it may be sent, whoever sends them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import redis

from delivery.models import Webhook
from delivery.pace import PACE_WINDOW, Pace
from tests.end_to_end.backend import Backend
from tests.services.valkey import ValkeyServer

SECOND = timedelta(seconds=1)


class Clock:
    """A clock that stands still until it is set on."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def webhook_at(limit: int | None) -> Webhook:
    """Return a webhook that may be sent so many requests in a minute."""
    return Webhook(max_requests_per_minute=limit)


TAKE = """
from uuid import UUID
from delivery.models import Webhook
from delivery.pace import Pace
webhook = Webhook(pk=UUID({pk!r}), max_requests_per_minute=50)
pace = Pace({url!r})
print(sum(pace.take(webhook, wanted=3) for _ in range(60)))
"""


def test_processes_at_once_count_together(valkey: ValkeyServer, tmp_path: Path) -> None:
    code = TAKE.format(pk=webhook_at(50).pk.hex, url=valkey.url)
    env = {"DJANGO_SETTINGS_MODULE": "tests.settings", "HOOKLINE_DATA_DIR": str(tmp_path)}

    with Backend(env) as one, Backend(env) as other, ThreadPoolExecutor() as threads:
        taken = list(threads.map(lambda each: int(each.run(code)), (one, other)))

    assert sum(taken) == 50


def test_threads_at_once_count_together() -> None:
    def slow() -> float:
        time.sleep(0.001)  # Lets another thread come in between.
        return 0.0

    pace, webhook = Pace(clock=slow), webhook_at(50)

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: pace.take(webhook, wanted=3), range(40)))

    assert sum(taken) == 50


def test_webhooks_have_a_pace_each_and_one_without_a_limit_has_none() -> None:
    pace = Pace()
    webhook, other, free = webhook_at(5), webhook_at(3), webhook_at(None)

    assert pace.take(webhook, wanted=100) == 5
    assert pace.take(other, wanted=100) == 3
    assert [pace.take(free, wanted=100) for _ in range(3)] == [100] * 3


def test_no_window_has_more_than_it_may_and_nothing_is_refused_without_need() -> None:
    clock, random, taken_at = Clock(), Random(1), list[float]()
    pace, webhook = Pace(clock=clock), webhook_at(20)

    for _ in range(2_000):
        clock.time += random.choice([0, 0.5, 3, 30]) * random.random()
        wanted = random.randrange(8)
        taken = pace.take(webhook, wanted=wanted)
        taken_at += [clock.time] * taken
        in_window = sum(at >= clock.time - PACE_WINDOW.total_seconds() for at in taken_at[-21:])
        assert in_window <= 20
        assert taken == wanted or in_window == 20


def test_no_window_has_more_than_it_may_when_two_count_in_redis(valkey: ValkeyServer) -> None:
    one, other = Pace(valkey.url, window=SECOND), Pace(valkey.url, window=SECOND)
    webhook = webhook_at(5)
    spans: list[tuple[float, float]] = []

    while len(spans) < 16:
        for pace in (one, other):
            began = time.time()
            taken = pace.take(webhook, wanted=2)
            spans += [(began, time.time())] * taken

    # The sixth from each on: it was counted before its end, and the first after its beginning.
    pairs = zip(spans, spans[5:], strict=False)
    assert all(sixth[1] - first[0] > 1 for first, sixth in pairs)


def test_the_count_in_redis_has_a_name_without_secrets_and_is_forgotten(
    valkey: ValkeyServer,
) -> None:
    valkey.flush()
    webhook = webhook_at(5)

    Pace(valkey.url).take(webhook, wanted=1)

    with redis.Redis.from_url(valkey.url, decode_responses=True) as client:
        assert client.keys() == [f"hookline:pace:{webhook.pk.hex}"]
        assert 0 < client.ttl(f"hookline:pace:{webhook.pk.hex}") <= PACE_WINDOW.total_seconds()


def asked(valkey: ValkeyServer, take: Callable[[], object]) -> int:
    """Return how often Redis is asked by something."""
    with redis.Redis.from_url(valkey.url) as client:
        client.config_resetstat()
        take()
        return int(client.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"])


def test_redis_is_asked_twice_however_much_is_wanted_and_not_at_all_without_need(
    valkey: ValkeyServer,
) -> None:
    pace = Pace(valkey.url)
    webhook, free = webhook_at(200), webhook_at(None)
    pace.take(webhook, wanted=1)  # From here on, Redis knows the scripts.

    assert asked(valkey, lambda: pace.take(webhook, wanted=1)) == 2
    assert asked(valkey, lambda: pace.take(webhook, wanted=200)) == 2
    assert asked(valkey, lambda: pace.take(webhook, wanted=200)) == 0
    assert asked(valkey, lambda: pace.take(free, wanted=200)) == 0


@pytest.mark.parametrize("away", [ValkeyServer.outage, ValkeyServer.frozen])
def test_each_process_keeps_the_pace_by_itself_while_redis_is_away(
    valkey: ValkeyServer,
    away: Callable[[ValkeyServer], AbstractContextManager[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    pace, other, webhook = Pace(valkey.url), Pace(valkey.url), webhook_at(5)

    with away(valkey):
        taken = [pace.take(webhook, wanted=4) for _ in range(3)]
        assert other.take(webhook, wanted=4) == 4

    assert taken == [4, 1, 0]
    told = "Redis is out of reach; each process keeps the pace of webhooks by itself"
    assert [told in record.message for record in caplog.records] == [True, True]


def test_a_process_has_no_second_minute_when_redis_is_emptied_goes_away_or_is_back(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.reach._SILENCE", timedelta())
    pace, webhook = Pace(valkey.url), webhook_at(5)
    assert pace.take(webhook, wanted=3) == 3

    valkey.flush()
    assert pace.take(webhook, wanted=1) == 1
    with valkey.outage():
        assert pace.take(webhook, wanted=5) == 1
    assert pace.take(webhook, wanted=5) == 0


def test_another_limit_counts_what_was_sent_before_it(valkey: ValkeyServer) -> None:
    webhook = webhook_at(5)
    Pace(valkey.url).take(webhook, wanted=5)

    webhook.max_requests_per_minute = 7
    assert Pace(valkey.url).take(webhook, wanted=5) == 2
    webhook.max_requests_per_minute = 3
    assert Pace(valkey.url).take(webhook, wanted=5) == 0
