"""What a contender is measured doing, and what comes of it."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from benchmarks.consumption import cpu_seconds
from benchmarks.running import Running

_AT_MOST_SECONDS = 120.0
_WARM_UP = 100
_PAUSE_AFTER_WARM_UP_SECONDS = 0.5
_LONE_EVENTS = 100
_PAUSE_SECONDS = 0.05
_REST_SECONDS = 20.0
_FAST = 20
_HANGING = 100
_PUBLISHED_UNDER_KILLS = 10_000
_KILL_EVERY_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """Deliveries a second, and processor seconds per 1,000 of them: its own, and the servers'."""

    rate: float
    own_cpu: float
    servers_cpu: float
    lost: int


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Milliseconds from the commits of lone events to their requests."""

    milliseconds: list[float]


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """The same for fast endpoints: by themselves, and beside one that never answers."""

    quiet: list[float]
    beside: list[float]


@dataclass(frozen=True, kw_only=True)
class Rest:
    """How much of a core workers take while nothing happens."""

    percent: float


@dataclass(frozen=True, kw_only=True)
class Kills:
    """What became of events that were published while workers were killed.

    `resumed` is how many seconds after the last kill everything was delivered.
    """

    kills: int
    lost: int
    percent_repeated: float
    resumed: float


def measure_throughput(running: Running, *, events: int, webhooks: int) -> Throughput:
    """Time events from the first commit to the last delivery, received and recorded."""
    before, count = _warm_up(running, webhooks), events * webhooks
    own, servers = running.cpu_seconds(), running.servers.cpu_seconds()
    running.begin_to_publish(events)
    running.receiver.wait_for(count, seconds=_AT_MOST_SECONDS)
    start = min(running.published().values())
    running.wait_until_recorded(before + count, seconds=_AT_MOST_SECONDS)
    end = time.monotonic()
    own, servers = running.cpu_seconds() - own, running.servers.cpu_seconds() - servers
    arrivals = running.receiver.arrivals()
    if not arrivals:
        raise RuntimeError("Nothing was received.")
    if not running.contender.keeps_record:
        end = arrivals[-1].at
    done = len({(arrival.event, arrival.webhook) for arrival in arrivals})
    return Throughput(
        rate=done / (end - start),
        own_cpu=own / done * 1000,
        servers_cpu=servers / done * 1000,
        lost=count - done,
    )


def measure_latency(running: Running) -> Latency:
    """Time lone events for one webhook."""
    _warm_up(running, 1)
    return Latency(milliseconds=_lone_events(running, _LONE_EVENTS, webhooks=1))


def measure_neighbours(running: Running) -> Neighbours:
    """Time lone events for fast endpoints, before and while 100 deliveries hang on a dead one."""
    _warm_up(running, _FAST)
    quiet = _lone_events(running, _FAST, webhooks=_FAST)
    receiver = running.receiver
    receiver.reset()
    # The dead one comes first: what is made first is sent first.
    running.subscribe([f"{receiver.url}/hang/0", *_urls(running, _FAST)])
    running.publish(_HANGING)
    receiver.wait_for(_HANGING * _FAST, seconds=_AT_MOST_SECONDS)
    return Neighbours(quiet=quiet, beside=_lone_events(running, _FAST, webhooks=_FAST))


def measure_rest(running: Running) -> Rest:
    """Take the processor time of workers that have nothing to do."""
    _warm_up(running, 1)
    before = cpu_seconds(*running.delivering)
    time.sleep(_REST_SECONDS)
    taken = cpu_seconds(*running.delivering) - before
    return Rest(percent=taken / _REST_SECONDS * 100)


def measure_kills(running: Running) -> Kills:
    """Kill a worker every two seconds while events are published, and flush Redis once."""
    before = _warm_up(running, 1)
    kills = 0
    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(running.publish, _PUBLISHED_UNDER_KILLS)
        while not wait([publishing], timeout=_KILL_EVERY_SECONDS).done:
            worker = running.workers[kills % len(running.workers)]
            worker.kill()
            worker.start()
            kills += 1
            if kills == 2:
                running.servers.valkey.flush()
    killed_at = time.monotonic()
    running.wait_until_recorded(
        before + _PUBLISHED_UNDER_KILLS,
        seconds=_AT_MOST_SECONDS,
        # Counting that many takes a while of what is measured.
        look_every=0.2,
    )
    resumed = time.monotonic() - killed_at
    arrivals = running.receiver.arrivals()
    done = len({arrival.event for arrival in arrivals})
    return Kills(
        kills=kills,
        lost=_PUBLISHED_UNDER_KILLS - done,
        percent_repeated=(len(arrivals) - done) / _PUBLISHED_UNDER_KILLS * 100,
        resumed=resumed,
    )


def _urls(running: Running, count: int) -> list[str]:
    return [f"{running.receiver.url}/{number}" for number in range(1, count + 1)]


def _warm_up(running: Running, webhooks: int) -> int:
    """Have some deliveries made, then subscribe; return how many are recorded."""
    few = min(webhooks, _WARM_UP)
    events = _WARM_UP // few
    running.receiver.reset()
    running.subscribe(_urls(running, few))
    running.publish(events)
    running.receiver.wait_for(events * few, seconds=_AT_MOST_SECONDS)
    running.wait_until_recorded(events * few, seconds=_AT_MOST_SECONDS)
    running.subscribe(_urls(running, webhooks))
    time.sleep(_PAUSE_AFTER_WARM_UP_SECONDS)
    running.receiver.reset()
    return events * few


def _lone_events(running: Running, events: int, *, webhooks: int) -> list[float]:
    """Return the milliseconds from commits to requests; infinitely many if one is lost."""
    running.receiver.reset()
    committed = running.publish(events, pause=_PAUSE_SECONDS)
    running.receiver.wait_for(events * webhooks, seconds=_AT_MOST_SECONDS)
    first = {
        (arrival.event, arrival.webhook): arrival.at
        for arrival in reversed(running.receiver.arrivals())
    }
    return [
        (first.get((event, webhook), math.inf) - at) * 1000
        for event, at in committed.items()
        for webhook in range(1, webhooks + 1)
    ]
