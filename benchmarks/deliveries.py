"""How fast events are delivered: `uv run python -m benchmarks.deliveries [ROUNDS]`.

Workloads are events x webhooks, on SQLite and on PostgreSQL, beside a bare loop over the same
transport. Rounds are interleaved and each measurement has a process and a database of its own;
the table holds medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.services.postgresql import PostgreSQLServer

_WORKLOADS = ("1x1000", "100x100")
_BARE = "bare:5000"
_numbers = count()


@contextmanager
def receiver() -> Iterator[str]:
    """Run the endpoint and give its port."""
    command = [sys.executable, "-m", "benchmarks.receiver"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().strip()
        process.stdin.close()


def _measure(workload: str, port: str, *, database_url: str = "") -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "api.settings",
            "HOOKLINE_DATA_DIR": folder,
            "SECRET_KEY": "for measuring only, and long enough for every check there is",
            "DATABASE_URL": database_url,
            "REDIS_URL": "",
            "WEBHOOK_ALLOW_HTTP": "1",
            "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        }
        command = [sys.executable, "-m", "benchmarks.measure", workload, port]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def main(rounds: int) -> None:
    """Measure and print the table."""
    found: defaultdict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    with PostgreSQLServer() as postgresql, receiver() as port:
        for _ in range(rounds):
            found["bare loop", "5000 requests"].append(_measure(_BARE, port))
            for workload in _WORKLOADS:
                found["SQLite", workload].append(_measure(workload, port))
                url = postgresql.create_database(f"bench_{next(_numbers)}")
                found["PostgreSQL", workload].append(_measure(workload, port, database_url=url))
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
