"""Fault points do nothing, unless a process is started by a test that has them do something."""

from __future__ import annotations

import ast
import signal
from pathlib import Path

import pytest

from delivery.faults import FaultPoint
from tests.faults.cues import Cues
from tests.faults.scene import SHIM
from tests.services.programs import Program

ROOT = Path(__file__).parents[2]

PASS_ALL = """
from delivery.faults import FaultPoint, pass_by
for point in FaultPoint:
    pass_by(point)
"""


@pytest.mark.parametrize(("shim", "code"), [({}, 0), (SHIM, -signal.SIGKILL)])
def test_a_process_dies_on_cue_only_if_it_was_started_with_what_stands_in_the_tests(
    shim: dict[str, str], code: int, tmp_path: Path
) -> None:
    cues = Cues(tmp_path / "cues")
    cues.give(FaultPoint.SENT)

    with Program("-c", PASS_ALL, env={**cues.env, **shim}, log=tmp_path / "log") as program:
        assert program.wait() == code


def test_nothing_that_ships_watches_fault_points() -> None:
    files = [
        path for layer in ("api", "delivery", "events") for path in (ROOT / layer).rglob("*.py")
    ]
    imported = {
        alias.name
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "delivery.faults"
        for alias in node.names
    }

    assert imported == {"FaultPoint", "pass_by"}
