"""A whole installation as processes of its own, and the people who use it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Self

import requests

from tests.services.ports import free_port
from tests.services.programs import Program

_PROJECT = Path(__file__).parents[2]
_BASE_ENV = {
    "DJANGO_SETTINGS_MODULE": "examples.bookshop.settings",
    "SECRET_KEY": "for tests only, and long enough to satisfy every check there is",
    "WEBHOOK_ALLOW_HTTP": "1",
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    "DATABASE_URL": "",
    "REDIS_URL": "",
}


@dataclass
class Installation:
    """Hookline as somebody runs it: `env` says with which database and broker."""

    folder: Path
    env: Mapping[str, str]
    has_separate_workers: bool
    _stack: ExitStack = field(default_factory=ExitStack)
    _numbers: Iterator[int] = field(default_factory=count)
    workers: Program | None = None

    def __enter__(self) -> Self:
        self.manage("migrate", "--verbosity", "0")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/graphql/"
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self) -> None:
        """Start all that delivers, and the web process."""
        if self.has_separate_workers:
            web = self._run("-m", "uvicorn", "api.asgi:application", "--port", str(self.port))
            self.workers = self._run("manage.py", "worker", "--processes", "2")
            web.wait_for_line("Uvicorn running")
            self.workers.wait_for_line("The worker is ready")
        else:
            self.workers = self._run("manage.py", "up", "--port", str(self.port))
            self.workers.wait_for_line("Hookline is up")

    def start_again(self) -> None:
        """Start what `kill` ended."""
        if self.has_separate_workers:
            self.workers = self._run("manage.py", "worker")
            self.workers.wait_for_line("The worker is ready")
        else:
            self.start()

    def kill(self) -> None:
        """End whatever delivers, as a loss of power does."""
        assert self.workers
        self.workers.kill()

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        return self._finish("manage.py", *arguments)

    def python(self, code: str, **env: str) -> str:
        """Run backend code in a process of its own, as a job or another web process would."""
        setup = "import django; django.setup()\n"
        return self._finish("-c", setup + code, **env)

    def make_user(self, name: str) -> str:
        """Make a user, and return an API token of theirs that may do everything."""
        self.python(f"""
from django.contrib.auth.models import User
User.objects.create_user({name!r})
""")
        return self.manage("create_token", "--user", name).strip()

    def graphql(self, query: str, *, token: str, **variables: Any) -> dict[str, Any]:
        """Send a GraphQL request as a client would, and return its data."""
        response = requests.post(
            self.url,
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
        )
        answer: dict[str, Any] = response.json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def _run(self, *arguments: str) -> Program:
        log = self.folder / f"{next(self._numbers)}.log"
        return self._stack.enter_context(Program(*arguments, env=self.env, log=log))

    def _finish(self, *arguments: str, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env={"PATH": "", **self.env, **env},
            cwd=_PROJECT,
            capture_output=True,
            text=True,
            timeout=timedelta(minutes=2).total_seconds(),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def embedded(folder: Path) -> Iterator[Installation]:
    """Give an installation as a newcomer has it: SQLite, and all in one process."""
    env = {**_BASE_ENV, "HOOKLINE_DATA_DIR": str(folder)}
    with Installation(folder=folder, env=env, has_separate_workers=False) as installation:
        yield installation


@contextmanager
def production(folder: Path, *, database_url: str, redis_url: str) -> Iterator[Installation]:
    """Give an installation on PostgreSQL and Redis, with workers of their own."""
    env = {
        **_BASE_ENV,
        "HOOKLINE_DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }
    with Installation(folder=folder, env=env, has_separate_workers=True) as installation:
        yield installation
