"""What `benchmarks.beside` prints: tables in Markdown."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from pathlib import Path

import django

from benchmarks.budgets import BUDGETS
from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.findings import Findings, Pick
from benchmarks.servers import Servers

_THROUGHPUT = ("1x1000", "1000x1", "100x100")

# What a table says of a contender, a cell for each column.
Cells = Callable[[Findings, Contender], Sequence[str]]


def print_report(findings: Findings, servers: Servers, *, rounds: int) -> None:
    """Print where it was measured, who did how much, and which aims are met."""
    workloads = [workload.replace("x", " x ") for workload in _THROUGHPUT]
    for lines in (
        [_machine(servers, rounds=rounds)],
        _table(["deliveries/s", *workloads], findings, _rates, first=_bare_rates(findings)),
        _table(["CPU s per 1,000", *workloads], findings, _cpu, first=_bare_cpu(findings)),
        _table(["", "p50", "p99", "at rest"], findings, _latency),
        _table(["", "quiet p99", "p99 beside a dead one"], findings, _neighbours),
        _table(["", "kills", "lost", "repeats", "resumed after"], findings, _kills),
        _budgets(findings),
    ):
        if lines:
            print("\n".join(lines), end="\n\n")


def _table(
    heads: Sequence[str], findings: Findings, cells: Cells, *, first: Sequence[str] = ()
) -> list[str]:
    """Return a table of all who were measured, or nothing if nobody was."""
    rows = [[each.title, *cells(findings, each)] for each in CONTENDERS]
    if first:
        rows.insert(0, ["bare loop", *first])
    rows = [row for row in rows if any(row[1:])]
    if not any(rows):
        return []
    head, *lines = (f"| {' | '.join(row)} |" for row in (heads, *rows))
    return [head, f"|---{'|--:' * (len(heads) - 1)}|", *lines]


def _machine(servers: Servers, *, rounds: int) -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    receiver = "C" if servers.receiver.is_compiled else "Python, for want of a compiler"
    return (
        f"{os.cpu_count()} cores of an {found[1] if found else platform.machine()}, shared by all "
        f"that is measured; Linux {platform.release()}, Python {platform.python_version()} "
        f"in {sys.base_prefix}, "
        f"Django {django.__version__}, {servers.versions()}, a receiver in {receiver}. "
        f"Rounds: {rounds}, on {datetime.now(UTC):%d %B %Y}."
    )


def _shown(figure: float | None, form: str) -> str:
    return "" if figure is None else form.format(figure)


def _bare_rates(findings: Findings) -> list[str]:
    rate = _shown(findings.median("bare", "bare", itemgetter("rate")), "{:,.0f}")
    return [rate for _ in _THROUGHPUT]


def _rates(findings: Findings, contender: Contender) -> Sequence[str]:
    return [_rate(findings, contender, workload) for workload in _THROUGHPUT]


def _rate(findings: Findings, contender: Contender, workload: str) -> str:
    rate = findings.median(contender.name, workload, attrgetter("rate"))
    lost = findings.median(contender.name, workload, attrgetter("lost"))
    return _shown(rate, "{:,.0f}") + (f", {lost:.0f} lost" if lost else "")


def _bare_cpu(findings: Findings) -> list[str]:
    cpu = findings.median("bare", "bare", lambda found: found["cpu"] / 1000)
    return [_shown(cpu, "{:.2f}") for _ in _THROUGHPUT]


def _cpu(findings: Findings, contender: Contender) -> Sequence[str]:
    return [_own_and_servers(findings, contender, workload) for workload in _THROUGHPUT]


def _own_and_servers(findings: Findings, contender: Contender, workload: str) -> str:
    cells = [
        _shown(findings.median(contender.name, workload, attrgetter(name)), "{:.2f}")
        for name in ("own_cpu", "servers_cpu")
    ]
    return " + ".join(cells) if all(cells) else ""


def _latency(findings: Findings, contender: Contender) -> Sequence[str]:
    pick = attrgetter("milliseconds")
    rest = findings.median(contender.name, "rest", attrgetter("percent"))
    return [
        _milliseconds(findings, contender, "latency", pick, percent=50),
        _milliseconds(findings, contender, "latency", pick, percent=99),
        _shown(rest, "{:.1f} %"),
    ]


def _neighbours(findings: Findings, contender: Contender) -> Sequence[str]:
    return [
        _milliseconds(findings, contender, "neighbours", attrgetter(name), percent=99)
        for name in ("quiet", "beside")
    ]


def _milliseconds(
    findings: Findings, contender: Contender, what: str, pick: Pick, *, percent: int
) -> str:
    figure = findings.percentile(contender.name, what, pick, percent=percent)
    return _shown(figure, "{:.1f} ms")


def _kills(findings: Findings, contender: Contender) -> Sequence[str]:
    forms = {
        "kills": "{:.0f}",
        "lost": "{:.0f}",
        "percent_repeated": "{:.2f} %",
        "resumed": "{:.0f} s",
    }
    return [
        _shown(findings.median(contender.name, "kills", attrgetter(name)), form)
        for name, form in forms.items()
    ]


def _budgets(findings: Findings) -> list[str]:
    head = ["| aim | target | measured | |", "|---|--:|--:|---|"]
    return head + [budget.row(findings) for budget in BUDGETS]
