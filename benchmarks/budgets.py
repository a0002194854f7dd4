"""The aims for the engine, each beside what was measured."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import attrgetter, itemgetter

from benchmarks.contenders import (
    DJANGO_WEBHOOK,
    HOOKLINE,
    HOOKLINE_2,
    REST_HOOKS,
    WHISPERER,
    Contender,
)
from benchmarks.findings import Findings, divide

_RATE = attrgetter("rate")
# Two worker processes, the database, and the receiver.
_CORES_FOR_TWO = 4


@dataclass(frozen=True, kw_only=True)
class Budget:
    """An aim: a figure, and what it is to be at least or at most."""

    title: str
    figure: Callable[[Findings], float | None]
    unit: str = ""
    digits: int = 0
    at_least: float | None = None
    at_most: float | None = None
    cores: int = 1

    def row(self, findings: Findings) -> str:
        """Return the row of a table: the aim, the figure, and what the one says of the other."""
        figure = self.figure(findings)
        measured = "" if figure is None else f"{figure:,.{self.digits}f}{self.unit}"
        return f"| {self.title} | {self._target} | {measured} | {self._verdict(figure)} |"

    @property
    def _target(self) -> str:
        if self.at_most is None:
            return f"≥ {self.at_least:g}{self.unit}"
        return f"≤ {self.at_most:g}{self.unit}" if self.at_most else "0"

    def _verdict(self, figure: float | None) -> str:
        if figure is None:
            return "not measured"
        is_low = self.at_least is not None and figure < self.at_least
        is_high = self.at_most is not None and figure > self.at_most
        if not (is_low or is_high):
            return "met"
        return "missed" if (os.cpu_count() or 1) >= self.cores else "missed: no core is free"


def _against(peer: Contender, workload: str, *, at_least: float) -> Budget:
    return Budget(
        title=f"deliveries/s against {peer.title}, {workload.replace('x', ' x ')}",
        figure=lambda found: found.ratio(HOOKLINE.name, peer.name, workload, _RATE),
        unit="x",
        digits=1,
        at_least=at_least,
    )


def _against_peers() -> Iterator[Budget]:
    # One process each.
    for peer in (WHISPERER, DJANGO_WEBHOOK):
        for workload, at_least in (("1x1000", 30), ("100x100", 30), ("1000x1", 5)):
            yield _against(peer, workload, at_least=at_least)
    for workload in ("1x1000", "100x100"):
        yield _against(REST_HOOKS, workload, at_least=4)


def _share_of_bare_loop(found: Findings, *, workload: str) -> float | None:
    reached = divide(
        found.median(HOOKLINE.name, workload, _RATE),
        found.median("bare", "bare", itemgetter("rate")),
    )
    return reached and reached * 100


def _shares_of_bare_loop() -> Iterator[Budget]:
    for workload in ("1x1000", "100x100"):
        yield Budget(
            title=f"share of what the bare loop reaches, {workload.replace('x', ' x ')}",
            figure=partial(_share_of_bare_loop, workload=workload),
            unit=" %",
            at_least=60,
        )


def _neighbours(found: Findings) -> float | None:
    beside, quiet = (
        found.percentile(HOOKLINE.name, "neighbours", attrgetter(name), percent=99)
        for name in ("beside", "quiet")
    )
    return divide(beside, quiet)


def _of_all(who: str, what: str, key: str) -> Callable[[Findings], float | None]:
    return lambda found: found.median(who, what, itemgetter(key))


def _of_kills(name: str) -> Callable[[Findings], float | None]:
    return lambda found: found.median(HOOKLINE_2.name, "kills", attrgetter(name))


def _statements() -> Iterator[Budget]:
    for workload in ("1x1000", "100x100"):
        yield Budget(
            title=f"SQL statements per delivery, {workload.replace('x', ' x ')}",
            figure=_of_all("statements", workload, "statements"),
            digits=3,
            at_most=0.2,
        )


def _latency(found: Findings, *, percent: int) -> float | None:
    return found.percentile(HOOKLINE.name, "latency", attrgetter("milliseconds"), percent=percent)


def _latencies() -> Iterator[Budget]:
    for percent, at_most in ((50, 10), (99, 25)):
        yield Budget(
            title=f"commit → request received, idle, Redis: p{percent}",
            figure=partial(_latency, percent=percent),
            unit=" ms",
            digits=1,
            at_most=at_most,
        )


BUDGETS = (
    *_against_peers(),
    *_shares_of_bare_loop(),
    Budget(
        title="two worker processes against one, where a core is free, 100 x 100",
        figure=lambda found: found.ratio(HOOKLINE_2.name, HOOKLINE.name, "100x100", _RATE),
        unit="x",
        digits=1,
        at_least=1.7,
        cores=_CORES_FOR_TWO,
    ),
    *_statements(),
    Budget(
        title="SQL statements within the caller's transaction by `publish`",
        figure=_of_all("statements", "100x100", "published"),
        at_most=1,
    ),
    *_latencies(),
    Budget(
        title="fast endpoints' p99 while 100 deliveries hang, against their quiet p99",
        figure=_neighbours,
        unit="x",
        digits=1,
        at_most=2,
    ),
    Budget(
        title="a worker at rest, of a core",
        figure=lambda found: found.median(HOOKLINE.name, "rest", attrgetter("percent")),
        unit=" %",
        digits=1,
        at_most=2,
    ),
    Budget(
        title="fan-out of one event to 100,000 webhooks",
        figure=_of_all("fanout", "fanout", "seconds"),
        unit=" s",
        digits=1,
        at_most=10,
    ),
    Budget(
        title="memory that it takes",
        figure=_of_all("fanout", "fanout", "mebibytes"),
        unit=" MiB",
        at_most=64,
    ),
    Budget(title="lost while workers are killed", figure=_of_kills("lost"), at_most=0),
    Budget(
        title="repeats meanwhile",
        figure=_of_kills("percent_repeated"),
        unit=" %",
        digits=2,
        at_most=1,
    ),
    Budget(title="all resumed after", figure=_of_kills("resumed"), unit=" s", at_most=60),
)
