"""Programs of the project, run as they are in production: as processes of their own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Self

from tests.services.processes import wait_until_frozen

_PROJECT = Path(__file__).parents[2]
_TAIL = 40


class Program:
    """Runs Python with these arguments, in the project's root, for as long as the context lasts.

        with Program("manage.py", "worker", env={…}, log=tmp_path / "worker.log") as worker:
            worker.wait_for_line("ready")

    `env` is added to the tests' own environment. What the program writes, to standard output and
    standard error, goes to `log` line by line, and at the end to the standard output of the tests,
    where pytest shows it if the test failed. The end of the context kills whatever still runs,
    the program's own children among it.
    """

    def __init__(self, *arguments: str, env: Mapping[str, str], log: Path) -> None:
        self._arguments = arguments
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", **env}
        self._log = log
        self._lines: list[str] = []
        self._ended = False
        self._changed = Condition()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, *self._arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=_PROJECT,
            env=self._env,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._reader = Thread(target=self._read, name=f"output of {self}", daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._reader.join()
        sys.stdout.write(f"Output of {self}:\n{self.output}")

    def __str__(self) -> str:
        return " ".join(self._arguments)

    @property
    def pid(self) -> int:
        """The process that was started, which may have children."""
        return self._process.pid

    @property
    def output(self) -> str:
        """All that the program has written so far."""
        with self._changed:
            return "".join(self._lines)

    def wait_for_line(
        self, pattern: str, *, timeout: timedelta = timedelta(seconds=20)
    ) -> re.Match[str]:
        """Wait until the program has written a line in which this regular expression is found.

        Lines that were written before the call count.

        Raises:
            AssertionError: There was none in time, or before the program ended; the message has
                the last lines.
        """
        for line in self._lines_written(until=monotonic() + timeout.total_seconds()):
            if found := re.search(pattern, line):
                return found
        raise AssertionError(self._complaint(f"has not written {pattern!r}"))

    def wait_for_lines(
        self, pattern: str, *, count: int, timeout: timedelta = timedelta(seconds=20)
    ) -> None:
        """Wait until the program has written so many more lines with this than it has now.

        Raises:
            AssertionError: There were fewer in time, or before the program ended.
        """
        wanted = len(re.findall(pattern, self.output)) + count
        until = monotonic() + timeout.total_seconds()
        found = 0
        for line in self._lines_written(until=until):
            found += bool(re.search(pattern, line))
            if found >= wanted:
                return
        raise AssertionError(self._complaint(f"has not written {pattern!r} {count} times more"))

    def wait(self, *, timeout: timedelta = timedelta(seconds=20)) -> int:
        """Wait until the program ends by itself, and give its exit code (-15 for SIGTERM).

        Raises:
            AssertionError: It still runs; the message has the last lines.
        """
        try:
            return self._process.wait(timeout.total_seconds())
        except subprocess.TimeoutExpired:
            raise AssertionError(self._complaint("has not ended")) from None

    def terminate(self, *, timeout: timedelta = timedelta(seconds=20)) -> int:
        """Ask the program to end, as a service manager does (SIGTERM), and give its exit code.

        Raises:
            AssertionError: It still runs; the message has the last lines.
        """
        self.ask_to_stop()
        return self.wait(timeout=timeout)

    def ask_to_stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send SIGTERM, or what else asks for that, and do not wait for what comes of it."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End the program and its children at once (SIGKILL), as a loss of power does."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def freeze(self) -> None:
        """Stop the program and its children in the middle of whatever they do (SIGSTOP)."""
        self._signal(signal.SIGSTOP)
        wait_until_frozen(self._process.pid)

    def thaw(self) -> None:
        """Let a frozen program go on where it was (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        # The group outlives the program while one of its children runs.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as written, self._log.open("w", encoding="utf-8") as log:
            for line in written:
                log.write(line)
                log.flush()
                with self._changed:
                    self._lines.append(line)
                    self._changed.notify_all()
        self._process.wait()  # The output ends a moment before the exit code is known.
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _lines_written(self, *, until: float) -> Iterator[str]:
        for index in count():
            with self._changed:
                self._changed.wait_for(
                    lambda: len(self._lines) > index or self._ended,  # noqa: B023  # Called here only.
                    until - monotonic(),
                )
                if len(self._lines) <= index:
                    return
                line = self._lines[index]
            yield line

    def _complaint(self, what: str) -> str:
        code = self._process.poll()
        state = "still runs" if code is None else f"ended with exit code {code}"
        tail = "".join(self.output.splitlines(keepends=True)[-_TAIL:])
        return f"`{self}` {what} and {state}. Its last lines:\n{tail or '(none)'}"
