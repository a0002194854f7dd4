"""The endpoint of the measurements, and what it has received."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

_SOURCE = Path(__file__).with_name("receiver.c")
# Often enough for a second or two, and seldom enough to leave the processor to what is measured.
LOOK_EVERY_SECONDS = 0.02


class Arrival(NamedTuple):
    """A request that came: when, by `time.monotonic`, to which webhook, about which event."""

    at: float
    webhook: int
    event: int


class Receiver:
    """Runs an endpoint while the context lasts: in C if that is wanted and can be compiled."""

    def __init__(self, *, in_c: bool = True) -> None:
        self._in_c = in_c

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="hookline-receiver-")
        compiled = _compile(Path(self._folder.name)) if self._in_c else None
        self.is_compiled = compiled is not None
        command = [str(compiled)] if compiled else [sys.executable, "-m", "benchmarks.receiver"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout
        self.port = self._process.stdout.readline().strip()
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # It ends when its input does.
        self._folder.cleanup()

    def reset(self) -> None:
        """Forget what came so far."""
        self._ask("/reset")

    def count(self) -> int:
        """Return how many requests were answered: all but those that are to hang."""
        return int(self._ask("/count"))

    def wait_for(self, count: int, *, seconds: float) -> bool:
        """Wait until so many requests were answered; False if they were not in time."""
        end = time.monotonic() + seconds
        while self.count() < count:
            if time.monotonic() > end:
                return False
            time.sleep(LOOK_EVERY_SECONDS)
        return True

    def arrivals(self) -> list[Arrival]:
        """Return what came, in its order."""
        lines = (map(int, line.split()) for line in self._ask("/arrivals").splitlines())
        return [Arrival(at / 1e9, webhook, event) for at, webhook, event in lines]

    def _ask(self, path: str) -> str:
        connection = HTTPConnection("127.0.0.1", int(self.port), timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse().read().decode()
        connection.close()
        return answer


def _compile(folder: Path) -> Path | None:
    if sys.platform != "linux" or not (compiler := shutil.which("cc")):
        return None
    program = folder / "receiver"
    done = subprocess.run([compiler, "-O2", "-o", program, _SOURCE], check=False)
    return None if done.returncode else program
