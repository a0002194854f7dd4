"""What looks cost beside a backlog: `uv run python -m benchmarks.size [ROUNDS]`.

One owner has ten thousand, a hundred thousand and a million deliveries waiting, on PostgreSQL. Each
step is done and undone many times; the table holds medians.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from itertools import count

from benchmarks.processes import measured
from tests.services.postgresql import PostgreSQLServer

_BACKLOGS = (10_000, 100_000, 1_000_000)
_STEPS = {
    "claim": "claim and load 200",
    "capped": "claim, all at their caps",
    "other": "publish for another owner, fan out, claim",
    "sweep": "look of the sweep",
}
_numbers = count()


def main(rounds: int) -> None:
    """Measure and print the table."""
    found: defaultdict[int, list[dict[str, float]]] = defaultdict(list)
    with PostgreSQLServer() as postgresql:
        for _ in range(rounds):
            for backlog in _BACKLOGS:
                url = postgresql.create_database(f"size_{next(_numbers)}")
                answer = measured("benchmarks.measure_size", str(backlog), database_url=url)
                found[backlog].append(answer)
    print("| step | " + " | ".join(f"{backlog:,} waiting" for backlog in _BACKLOGS) + " |")
    print("|---|" + "--:|" * len(_BACKLOGS))
    for key, name in _STEPS.items():
        medians = [statistics.median(each[key] for each in found[size]) for size in _BACKLOGS]
        print(f"| {name} | " + " | ".join(f"{each:.1f} ms" for each in medians) + " |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
