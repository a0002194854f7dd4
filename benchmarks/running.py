"""A contender at work: the process that publishes, and its workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from benchmarks.consumption import cpu_seconds
from benchmarks.contenders import Contender
from benchmarks.receiving import LOOK_EVERY_SECONDS
from benchmarks.servers import ROOT, Servers

_READY = "worker is ready"
_TAIL = 5


class Process:
    """A process of a contender, which runs while the context lasts unless it is killed before."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], log: Path) -> None:
        self._command = command
        self._env = env
        self._log = log

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Its number; it may have children."""
        return self._process.pid

    def start(self) -> None:
        """Start it, and do not wait until it is ready."""
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it and its children at once, as a loss of power does."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.communicate()

    def tell(self, line: str) -> None:
        """Give it a line to read."""
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def read(self) -> str:
        """Wait for a line that it writes, and return it."""
        assert self._process.stdout
        if line := self._process.stdout.readline():
            return line
        tail = "\n".join(self._log.read_text().splitlines()[-_TAIL:])
        raise RuntimeError(f"{' '.join(self._command)} ended:\n{tail}")

    def wait_until_ready(self) -> None:
        """Wait until a worker says that it is."""
        while _READY not in self.read():
            pass


class Running:
    """A contender that runs while the context lasts."""

    def __init__(self, contender: Contender, servers: Servers) -> None:
        self.contender = contender
        self.servers = servers
        self.receiver = servers.receiver

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            env = os.environ | {"PYTHONUNBUFFERED": "1"}
            env |= stack.enter_context(self.servers.env_for(self.contender))
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="hookline-logs-")))
            python = str(self.contender.python())

            def start(name: str, *arguments: str) -> Process:
                process = Process([python, *arguments], env=env, log=folder / name)
                return stack.enter_context(process)

            self._driver = start("driver", "-m", self.contender.driver)
            self.workers = [
                start(f"worker {number}", *self.contender.worker)
                for number in range(self.contender.workers)
            ]
            for worker in self.workers:
                worker.wait_until_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def delivering(self) -> list[int]:
        """The processes that deliver."""
        return [worker.pid for worker in self.workers or [self._driver]]

    def cpu_seconds(self) -> float:
        """Return the processor time that it has taken, apart from the servers."""
        return cpu_seconds(self._driver.pid, *(worker.pid for worker in self.workers))

    def subscribe(self, urls: Sequence[str]) -> None:
        """Have all events sent to these URLs, and to no others."""
        self._ask("subscribe", urls)

    def publish(self, count: int, *, pause: float = 0.0) -> dict[int, float]:
        """Publish events, each after a pause; return when they were committed, by their numbers."""
        self.begin_to_publish(count, pause=pause)
        return self.published()

    def begin_to_publish(self, count: int, *, pause: float = 0.0) -> None:
        """Publish events, and do not wait until that is done."""
        self._tell("publish", count, pause)

    def published(self) -> dict[int, float]:
        """Wait until all are, and return when they were committed, by their numbers."""
        answer = json.loads(self._driver.read())
        return {int(number): at / 1e9 for number, at in answer.items()}

    def recorded(self) -> int:
        """Return how many deliveries are recorded as done."""
        return int(self._ask("recorded"))

    def wait_until_recorded(
        self, count: int, *, seconds: float, look_every: float = LOOK_EVERY_SECONDS
    ) -> None:
        """Wait until so many deliveries are, if it keeps a record at all."""
        end = time.monotonic() + seconds
        while self.contender.keeps_record and self.recorded() < count:
            if time.monotonic() > end:
                return
            time.sleep(look_every)

    def _ask(self, command: str, *arguments: Any) -> Any:
        self._tell(command, *arguments)
        return json.loads(self._driver.read())

    def _tell(self, command: str, *arguments: Any) -> None:
        self._driver.tell(json.dumps([command, arguments]))
