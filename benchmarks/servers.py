"""What all contenders share: one PostgreSQL, one Valkey, one receiver."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import psycopg
import redis

from benchmarks.consumption import cpu_seconds
from benchmarks.contenders import Contender
from benchmarks.receiving import Receiver
from tests.services.postgresql import PostgreSQLServer
from tests.services.valkey import ValkeyServer

ROOT = Path(__file__).parents[1]


class Servers:
    """Runs what all contenders share, and gives each measurement a database of its own."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.receiver = stack.enter_context(Receiver())
            self.valkey = stack.enter_context(ValkeyServer())
            self._postgresql = stack.enter_context(PostgreSQLServer())
            self._folder = Path(stack.enter_context(TemporaryDirectory(prefix="hookline-beside-")))
            self._pids = self._find_pids()
            self._stack = stack.pop_all()
        self._numbers = count()
        self._migrated: dict[str, str] = {}
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def versions(self) -> str:
        """Return what PostgreSQL and Valkey call themselves."""
        with psycopg.connect(self._postgresql.url) as connection:
            version = connection.info.server_version
        with redis.Redis.from_url(self.valkey.url) as client:
            valkey = client.info("server")["valkey_version"]
        return f"PostgreSQL {version // 10000}.{version % 10000} with `fsync` off, Valkey {valkey}"

    def cpu_seconds(self) -> float:
        """Return the processor time that PostgreSQL and Valkey have taken."""
        return cpu_seconds(*self._pids)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """Give the URL of a database without tables."""
        name = f"measured_{next(self._numbers)}"
        try:
            yield self._postgresql.create_database(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def env_for(self, contender: Contender) -> Iterator[dict[str, str]]:
        """Give an environment for a contender: an empty Valkey, and tables that are empty."""
        self.valkey.flush()
        name = f"{contender.driver.rpartition('.')[2]}_{next(self._numbers)}"
        folder = self._folder / name
        if contender.is_embedded:
            shutil.copytree(self._template(contender), folder)
            yield contender.env(folder, database_url="", redis_url="")
            return
        self._execute(f"CREATE DATABASE {name} TEMPLATE {self._template(contender)}")
        folder.mkdir()
        url = self._postgresql.url.rpartition("/")[0]
        try:
            yield contender.env(folder, database_url=f"{url}/{name}", redis_url=self.valkey.url)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _template(self, contender: Contender) -> str:
        """Return the name of a database, or of a folder with one, that was migrated once."""
        if contender.name not in self._migrated:
            self._migrated[contender.name] = self._migrate(contender)
        return self._migrated[contender.name]

    def _migrate(self, contender: Contender) -> str:
        name = f"template_{next(self._numbers)}"
        folder = self._folder / name
        folder.mkdir()
        url = "" if contender.is_embedded else self._postgresql.create_database(name)
        env = os.environ | contender.env(folder, database_url=url, redis_url=self.valkey.url)
        done = subprocess.run(
            [contender.python(), "-m", "django", "migrate", "--run-syncdb", "--verbosity=0"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{contender.title} does not migrate:\n{done.stderr}")
        return str(folder) if contender.is_embedded else name

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._postgresql.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _find_pids(self) -> tuple[int, int]:
        with psycopg.connect(self._postgresql.url) as connection:
            row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row
        with redis.Redis.from_url(self.valkey.url) as client:
            return int(row[0].split()[0]), int(client.info("server")["process_id"])
