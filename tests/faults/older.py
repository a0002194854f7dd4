"""An older version, of which workers and publishers run as they once did."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services.programs import Program

_ROOT = Path(__file__).parents[2]

_SETTINGS = """
from api.settings import *
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "events", "delivery"]
ROOT_URLCONF = __name__
urlpatterns = []
"""
_PUBLISH = """
import itertools, pathlib, time
import django
django.setup()
from django.contrib.auth.models import User
from events.publishing import publish
from events.webhooks import Ping
owner = User.objects.get(username={owner!r})
for number in itertools.count():
    publish(Ping(message=f"older {{number}}"), owner=owner)
    if pathlib.Path({enough!r}).exists():
        break
    # That they are not too many.
    time.sleep(0.02)
print("published", number + 1)
"""


@dataclass(frozen=True)
class OlderVersion:
    """Code of before, in a folder of its own, with today's packages around it."""

    folder: Path
    env: Mapping[str, str]

    def worker(self) -> Program:
        """Return a worker, to be started."""
        return self._program(str(self.folder / "manage.py"), "worker", log="older-worker.log")

    def publisher(self, owner: str) -> Program:
        """Return a program that publishes until it is told that it is enough, and says how much."""
        script = self.folder / "publish.py"
        script.write_text(_PUBLISH.format(owner=owner, enough=str(self._enough)), encoding="utf-8")
        return self._program(str(script), log="older-publisher.log")

    def tell_enough(self) -> None:
        """Have the publisher end."""
        self._enough.touch()

    @property
    def _enough(self) -> Path:
        return self.folder / "enough"

    def _program(self, *arguments: str, log: str) -> Program:
        # Without what moves clocks: it would bring today's code in with it.
        env = {"DJANGO_SETTINGS_MODULE": "older_settings", "PYTHONPATH": str(self.folder)}
        return Program(*arguments, env={**self.env, **env}, log=self.folder / log)


def version_between(
    last: str, migration: str, *, folder: Path, env: Mapping[str, str]
) -> OlderVersion:
    """Return the version just before a migration was added, if the history tells of it.

    `last` is the migration that was the last one then: histories may be short, or shortened.
    """
    try:
        added = _git("log", "--diff-filter=A", "--format=%H", "--", f"*/migrations/{migration}.py")
        archive = _git("archive", f"{added.decode().strip()}^")
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip(f"There is no history here of what was before {migration}.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        opened.extractall(folder, filter="data")
    if not (folder / "delivery" / "migrations" / f"{last}.py").exists():
        pytest.skip(f"There is no history here of what was between {last} and {migration}.")
    (folder / "older_settings.py").write_text(_SETTINGS, encoding="utf-8")
    return OlderVersion(folder, env)


def _git(*arguments: str) -> bytes:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=_ROOT, check=True, capture_output=True).stdout
