"""A whole installation as processes of its own, and the people who use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

import requests

from tests.end_to_end.backend import Backend
from tests.services.ports import free_port
from tests.services.programs import Program

_BASE_ENV = {
    "DJANGO_SETTINGS_MODULE": "examples.bookshop.settings",
    "SECRET_KEY": "for tests only, and long enough to satisfy every check there is",
    "WEBHOOK_ENCRYPTION_KEYS": "Zm9yIHRlc3RzIG9ubHksIGFuZCB0aGlydHktdHdvISE=",
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
    web: Program | None = None

    def __enter__(self) -> Self:
        self._backend = self._stack.enter_context(Backend(self.env))
        self.python("""
from django.core.management import call_command
call_command("migrate", verbosity=0)
""")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/graphql/"
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self) -> None:
        """Start all that delivers, and the web process."""
        if self.has_separate_workers:
            # The names by which PostgreSQL tells whose a connection is.
            self.web = self._run(
                *("-m", "uvicorn", "api.asgi:application", "--port", str(self.port)),
                PGAPPNAME="web",
            )
            self.workers = self._run(
                *("manage.py", "worker", "--processes", "2"), PGAPPNAME="workers"
            )
            self.web.wait_for_line("Uvicorn running")
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

    def python(self, code: str) -> str:
        """Run backend code, outside the processes that serve and deliver; return what it prints."""
        return self._backend.run(code)

    def make_user(self, name: str) -> str:
        """Make a user, and return an API token of theirs that may do everything."""
        return self.python(f"""
from django.contrib.auth.models import User
from django.core.management import call_command
User.objects.create_user({name!r})
call_command("create_token", "--user", {name!r})
""").strip()

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

    def _run(self, *arguments: str, **further: str) -> Program:
        log = self.folder / f"{next(self._numbers)}.log"
        return self._stack.enter_context(Program(*arguments, env={**self.env, **further}, log=log))


@contextmanager
def embedded(folder: Path, **settings: str) -> Iterator[Installation]:
    """Give an installation as a newcomer has it: SQLite, and all in one process."""
    env = {**_BASE_ENV, "HOOKLINE_DATA_DIR": str(folder), **settings}
    with Installation(folder=folder, env=env, has_separate_workers=False) as installation:
        yield installation


@contextmanager
def production(
    folder: Path, *, database_url: str, redis_url: str, **further: str
) -> Iterator[Installation]:
    """Give an installation on PostgreSQL and Redis, with workers of their own."""
    env = {
        **_BASE_ENV,
        "HOOKLINE_DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        **further,
    }
    with Installation(folder=folder, env=env, has_separate_workers=True) as installation:
        yield installation
