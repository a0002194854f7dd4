"""How long good receivers wait beside hostile ones: `uv run python -m benchmarks.hostile [ROUNDS]`.

One event goes to 50 good receivers: by themselves, beside a hostile one of each kind, beside one
for every behaviour of the hostile receiver, and beside as many more good ones; on SQLite and on
PostgreSQL. Rounds are interleaved and each measurement has a process and a database of its own.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from benchmarks.processes import measured
from benchmarks.receiving import Receiver
from delivery.hostile import HostileReceiver
from tests.services.postgresql import PostgreSQLServer

_WORKLOADS = ("quiet", "kinds", "crowded", "hostile")
_MIB = 1024 * 1024
_numbers = count()


@dataclass(frozen=True)
class Measured:
    """One measurement, in seconds and bytes: of `reached` there is one for each good receiver."""

    reached: list[float]
    memory: int
    over: float
    attempts: int


def _measure(
    workload: str, port: str, hostile: HostileReceiver, *, database_url: str = ""
) -> Measured:
    found: dict[str, Any] = measured(
        "benchmarks.measure_hostile",
        *(workload, port, hostile.index_url),
        database_url=database_url,
        # The second, since `localhost` may be both.
        WEBHOOK_ALLOWED_NETWORKS="127.0.0.0/8,::1/128",
        WEBHOOK_CA_FILE=hostile.ca_file,
    )
    return Measured(**found)


def _last(rounds: list[Measured]) -> float:
    """Return the median of when the last good receiver was reached, in milliseconds."""
    return statistics.median(max(each.reached) for each in rounds) * 1000


def _p99(rounds: list[Measured]) -> float:
    """Return when 99 of 100 good receivers were reached, of all rounds, in milliseconds."""
    every = list(chain.from_iterable(each.reached for each in rounds))
    return statistics.quantiles(every, n=100, method="inclusive")[98] * 1000


def _print_times(found: Mapping[str, Mapping[str, list[Measured]]]) -> None:
    print(f"| where | | {' | '.join(_WORKLOADS)} | kinds : quiet | hostile : crowded |")
    print(f"|---|---{'|--:' * (len(_WORKLOADS) + 2)}|")
    for where, by_workload in found.items():
        for title, figure in (("all 50 reached", _last), ("p99 of the 50", _p99)):
            times = {workload: figure(by_workload[workload]) for workload in _WORKLOADS}
            shown = " | ".join(f"{each:.0f} ms" for each in times.values())
            kinds, hostile = times["kinds"] / times["quiet"], times["hostile"] / times["crowded"]
            print(f"| {where} | {title} | {shown} | {kinds:.1f} | {hostile:.1f} |")


def _print_limits(found: Mapping[str, Mapping[str, list[Measured]]]) -> None:
    print("| where | attempts | memory, at most | longest attempt over its timeout |")
    print("|---|--:|--:|--:|")
    for where, by_workload in found.items():
        rounds = by_workload["hostile"]
        memory = max(each.memory for each in rounds) / _MIB
        over = max(each.over for each in rounds)
        print(f"| {where} | {rounds[0].attempts} | +{memory:.0f} MiB | {over:.2f} s |")


def main(rounds: int) -> None:
    """Measure and print the tables."""
    found: defaultdict[str, dict[str, list[Measured]]] = defaultdict(lambda: defaultdict(list))
    with PostgreSQLServer() as postgresql, Receiver() as good, HostileReceiver() as hostile:
        for _ in range(rounds):
            for workload in _WORKLOADS:
                found["SQLite"][workload].append(_measure(workload, good.port, hostile))
                url = postgresql.create_database(f"bench_{next(_numbers)}")
                round_ = _measure(workload, good.port, hostile, database_url=url)
                found["PostgreSQL"][workload].append(round_)
    _print_times(found)
    print()
    _print_limits(found)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
