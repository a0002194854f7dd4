"""Backend code of a host project, in a process of its own that stays for the next piece of code."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import django

_PROJECT = Path(__file__).parents[2]


class Backend:
    """Runs code where Django is set up, one piece after another."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env={"PATH": "", **self._env},
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, code: str) -> str:
        """Run code and return what it printed; raises AssertionError with what it raised."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the backend process ended"
        printed, raised = json.loads(line)
        assert not raised, raised
        return str(printed)


def _serve() -> None:
    django.setup()
    for line in sys.stdin:
        printed, raised = io.StringIO(), ""
        try:
            with contextlib.redirect_stdout(printed):
                exec(json.loads(line), {})
        except Exception:  # noqa: BLE001 - whatever it is, the test is told
            raised = traceback.format_exc()
        sys.stdout.write(json.dumps([printed.getvalue(), raised]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
