"""What conditions cost in the fan-out: `uv run python -m benchmarks.fanout [ROUNDS]`.

One event is fanned out to 10,000 webhooks that all get it, with and without conditions, on SQLite
and on PostgreSQL. Rounds are interleaved and each measurement has a process and a database of its
own; the table holds medians.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from itertools import count

from benchmarks.processes import measured
from tests.services.postgresql import PostgreSQLServer

_WORKLOADS = {
    "none": "no conditions",
    "few": "8 different ones, 2 each",
    "distinct": "10,000 different values",
    "patterns": "10,000 different patterns",
}
_numbers = count()


def _measure(workload: str, *, database_url: str = "") -> dict[str, float]:
    answer: dict[str, float] = measured(
        "benchmarks.measure_fanout", workload, database_url=database_url
    )
    return answer


def main(rounds: int) -> None:
    """Measure and print the table."""
    found: defaultdict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    with PostgreSQLServer() as postgresql:
        for _ in range(rounds):
            for workload in _WORKLOADS:
                found["SQLite", workload].append(_measure(workload))
            for workload in _WORKLOADS:
                url = postgresql.create_database(f"bench_{next(_numbers)}")
                found["PostgreSQL", workload].append(_measure(workload, database_url=url))
    print("| where | conditions | seconds | deliveries/s | statements |")
    print("|---|---|--:|--:|--:|")
    for (where, workload), answers in found.items():
        seconds, rate, statements = (
            statistics.median(answer[key] for answer in answers)
            for key in ("seconds", "rate", "statements")
        )
        shown = _WORKLOADS[workload]
        print(f"| {where} | {shown} | {seconds:.2f} | {rate:,.0f} | {statements:.0f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
