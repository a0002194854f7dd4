"""What processes take of the machine, as Linux tells."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class _Process(NamedTuple):
    pid: int
    parent: int
    ticks: int


def cpu_seconds(*roots: int) -> float:
    """Return the processor time of processes and all their descendants, ended ones included."""
    by_parent: defaultdict[int, list[_Process]] = defaultdict(list)
    counted, ticks = [], 0
    for process in _processes():
        by_parent[process.parent].append(process)
        if process.pid in roots:
            counted.append(process)
    while counted:
        process = counted.pop()
        ticks += process.ticks
        counted += by_parent[process.pid]
    return ticks / _TICKS


def _processes() -> Iterator[_Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It may end meanwhile.
            # What is in parentheses is the program's name, which may hold anything.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            yield _Process(int(folder.name), int(fields[1]), sum(map(int, fields[11:15])))


def bytes_in_memory(pid: int | str = "self", *, at_most: bool = False) -> int:
    """Return how much of the memory a process takes now, or took at most so far."""
    kind = "VmHWM" if at_most else "VmRSS"
    found = re.search(rf"{kind}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024
