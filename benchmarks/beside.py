"""Hookline beside its peers, and its aims: `uv run python -m benchmarks.beside [ROUNDS]`.

All run on the same machine, PostgreSQL, Valkey and receiver, in turns: in each round everybody does
everything, each time in processes of their own and on a database of their own. The first run
installs the peers. `docs/benchmarks.md` holds what is printed.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys

from benchmarks.contenders import CONTENDERS
from benchmarks.findings import Findings
from benchmarks.plan import WHAT, Measurement, measurements
from benchmarks.servers import Servers
from benchmarks.tables import print_report


def main(options: argparse.Namespace) -> None:
    """Measure, say on standard error what is being measured, and print the tables."""
    # The end of the contexts below ends all processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    findings = Findings()
    plan = measurements(what=options.workloads, contenders=options.contenders)
    with Servers() as servers:
        for number in range(1, options.rounds + 1):
            for measurement in plan:
                if number == 1 or not measurement.is_once:
                    _tell(f"round {number}: {measurement.who}, {measurement.what}")
                    _take(measurement, servers, findings)
        print_report(findings, servers, rounds=options.rounds)


def _take(measurement: Measurement, servers: Servers, findings: Findings) -> None:
    try:
        result = measurement.take(servers)
    except (RuntimeError, subprocess.SubprocessError) as error:
        # The others go on: it is missing in one round.
        _tell(f"It failed: {error}")
    else:
        findings.add(measurement.who, measurement.what, result)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.beside", description="Hookline beside its peers."
    )
    parser.add_argument("rounds", nargs="?", type=int, default=5, help="how many rounds (5)")
    parser.add_argument("--workloads", nargs="+", choices=WHAT, default=())
    names = [contender.name for contender in CONTENDERS]
    parser.add_argument("--contenders", nargs="+", choices=names, default=())
    return parser.parse_args()


if __name__ == "__main__":
    main(_options())
