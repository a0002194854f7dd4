"""What conditions cost in the fan-out: `uv run python -m benchmarks.fanout [ROUNDS]`.

One event is fanned out to 10,000 webhooks that all get it, with and without conditions, on SQLite
and on PostgreSQL. Rounds are interleaved and each measurement has a process and a database of its
own; the table holds medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from itertools import count

from tests.services.postgresql import PostgreSQLServer

_WORKLOADS = {
    "none": "no conditions",
    "few": "8 different ones, 2 each",
    "distinct": "10,000 different values",
    "patterns": "10,000 different patterns",
}
_numbers = count()


def _measure(workload: str, *, database_url: str = "") -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "api.settings",
            "HOOKLINE_DATA_DIR": folder,
            "SECRET_KEY": "for measuring only, and long enough for every check there is",
            "DATABASE_URL": database_url,
            "REDIS_URL": "",
        }
        command = [sys.executable, "-m", "benchmarks.measure_fanout", workload]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
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
