"""Everything that is measured in a round."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks import workloads
from benchmarks.contenders import (
    CONTENDERS,
    DJANGO_WEBHOOK,
    EMBEDDED,
    HOOKLINE,
    HOOKLINE_2,
    REST_HOOKS,
    WHISPERER,
    Contender,
)
from benchmarks.processes import measured
from benchmarks.running import Running
from benchmarks.servers import Servers

_BARE_REQUESTS = 5_000
_MANY_WEBHOOKS = 100_000
# What somebody slow is given instead of 100 events takes them as long as others take for all.
_FEWER_EVENTS = 10


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Something that is measured in each round, or in the first only: who does what, and how."""

    who: str
    what: str
    take: Callable[[Servers], Any]
    is_once: bool = False


@dataclass(frozen=True, kw_only=True)
class _Workload:
    what: str
    measure: Callable[[Running], Any]
    contenders: tuple[Contender, ...]
    is_once: bool = False
    needs_workers: bool = False

    def measurements(self, chosen: Collection[str]) -> Iterator[Measurement]:
        """Return what there is to measure, of those who are chosen or usually do this."""
        for contender in CONTENDERS:
            if self.needs_workers and not contender.workers:
                continue
            if contender.name in chosen or (not chosen and contender in self.contenders):
                yield Measurement(
                    who=contender.name,
                    what=self.what,
                    take=partial(_measure, self.measure, contender),
                    is_once=self.is_once,
                )


def _measure(measure: Callable[[Running], Any], contender: Contender, servers: Servers) -> Any:
    with Running(contender, servers) as running:
        return measure(running)


def _throughput(running: Running, *, events: int, webhooks: int) -> workloads.Throughput:
    if events > 1 < webhooks and running.contender.is_slow:
        events = _FEWER_EVENTS
    return workloads.measure_throughput(running, events=events, webhooks=webhooks)


_WORKLOADS = (
    *(
        _Workload(
            what=f"{events}x{webhooks}",
            measure=partial(_throughput, events=events, webhooks=webhooks),
            contenders=CONTENDERS,
        )
        for events, webhooks in ((1, 1000), (1000, 1), (100, 100))
    ),
    _Workload(
        what="latency",
        measure=workloads.measure_latency,
        contenders=(HOOKLINE, EMBEDDED, WHISPERER, DJANGO_WEBHOOK, REST_HOOKS),
    ),
    _Workload(what="neighbours", measure=workloads.measure_neighbours, contenders=(HOOKLINE,)),
    _Workload(
        what="rest",
        measure=workloads.measure_rest,
        contenders=(HOOKLINE, EMBEDDED, WHISPERER, DJANGO_WEBHOOK),
        is_once=True,
    ),
    _Workload(
        what="kills",
        measure=workloads.measure_kills,
        contenders=(HOOKLINE_2,),
        is_once=True,
        needs_workers=True,
    ),
)


def _bare(servers: Servers) -> Any:
    return measured("benchmarks.measure", f"bare:{_BARE_REQUESTS}", servers.receiver.port)


def _statements(workload: str, servers: Servers) -> Any:
    with servers.empty_database() as url:
        return measured("benchmarks.measure", workload, servers.receiver.port, database_url=url)


def _fan_out(servers: Servers) -> Any:
    with servers.empty_database() as url:
        return measured("benchmarks.measure_fanout", "none", str(_MANY_WEBHOOKS), database_url=url)


_OF_HOOKLINE = (
    Measurement(who="bare", what="bare", take=_bare),
    Measurement(who="statements", what="1x1000", take=partial(_statements, "1x1000"), is_once=True),
    Measurement(
        who="statements", what="100x100", take=partial(_statements, "100x100"), is_once=True
    ),
    Measurement(who="fanout", what="fanout", take=_fan_out, is_once=True),
)
WHAT = (*(workload.what for workload in _WORKLOADS), "bare", "statements", "fanout")


def measurements(*, what: Collection[str], contenders: Collection[str]) -> list[Measurement]:
    """Return what is to be measured: all of it, or only what is named."""
    found = [
        measurement
        for workload in _WORKLOADS
        if not what or workload.what in what
        for measurement in workload.measurements(contenders)
    ]
    return found + [
        measurement
        for measurement in _OF_HOOKLINE
        if measurement.who in what or not (what or contenders)
    ]
