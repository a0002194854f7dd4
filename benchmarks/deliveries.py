"""How fast events are delivered: `uv run python -m benchmarks.deliveries [ROUNDS]`.

Workloads are events x webhooks, on SQLite and on PostgreSQL, beside a bare loop over the same
transport. Rounds are interleaved and each measurement has a process and a database of its own;
the table holds medians.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from itertools import count

from benchmarks.processes import measured
from benchmarks.receiving import Receiver
from tests.services.postgresql import PostgreSQLServer

_WORKLOADS = ("1x1000", "100x100")
_BARE = "bare:5000"
_numbers = count()


def _measure(workload: str, port: str, *, database_url: str = "") -> dict[str, float]:
    answer: dict[str, float] = measured(
        "benchmarks.measure", workload, port, database_url=database_url
    )
    return answer


def main(rounds: int) -> None:
    """Measure and print the table."""
    found: defaultdict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    with PostgreSQLServer() as postgresql, Receiver() as receiver:
        for _ in range(rounds):
            found["bare loop", "5000 requests"].append(_measure(_BARE, receiver.port))
            for workload in _WORKLOADS:
                found["SQLite", workload].append(_measure(workload, receiver.port))
                url = postgresql.create_database(f"bench_{next(_numbers)}")
                answer = _measure(workload, receiver.port, database_url=url)
                found["PostgreSQL", workload].append(answer)
    print("| where | events x webhooks | deliveries/s | statements per delivery | CPU µs |")
    print("|---|---|--:|--:|--:|")
    for (where, workload), answers in found.items():
        rate, statements, cpu = (
            statistics.median(answer[key] for answer in answers)
            for key in ("rate", "statements", "cpu")
        )
        shown = workload.replace("x", " x ")
        print(f"| {where} | {shown} | {rate:,.0f} | {statements:.3f} | {cpu:,.0f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
