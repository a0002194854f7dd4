"""Who is measured: Hookline in three set-ups, and its peers as their documentation sets them up.

Celery has one process, with as many threads as Hookline's worker begins with.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import interpreter
from benchmarks.processes import hookline_settings

_CELERY = (
    *("-m", "celery", "--app", "benchmarks.peers.celery_app", "worker", "--loglevel", "WARNING"),
    *("--pool", "threads", "--concurrency", "16"),
)


@dataclass(frozen=True, kw_only=True)
class Contender:
    """Something that delivers, by what it takes to run it.

    `worker` are the arguments of Python that run one of its workers; none if the process that
    publishes delivers as well. A slow one is given fewer events where there are many.
    """

    name: str
    title: str
    driver: str
    worker: tuple[str, ...] = ()
    workers: int = 0
    is_peer: bool = True
    is_embedded: bool = False
    keeps_record: bool = True
    is_slow: bool = False

    def python(self) -> Path:
        """Return the Python that it runs on, installed if need be."""
        return interpreter(self._package) if self.is_peer else Path(sys.executable)

    def env(self, folder: Path, *, database_url: str, redis_url: str) -> dict[str, str]:
        """Return the environment of its processes, whose files belong in a folder."""
        if self.is_embedded:
            return hookline_settings(folder)
        if not self.is_peer:
            return hookline_settings(folder, DATABASE_URL=database_url, REDIS_URL=redis_url)
        return {
            "DJANGO_SETTINGS_MODULE": f"benchmarks.peers.{self._package}.settings",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
        }

    @property
    def _package(self) -> str:
        return self.name.replace("-", "_")


def _hookline(name: str, title: str, *, workers: int) -> Contender:
    return Contender(
        name=name,
        title=title,
        driver="benchmarks.drive_hookline",
        worker=("manage.py", "worker"),
        workers=workers,
        is_peer=False,
        is_embedded=not workers,
    )


HOOKLINE = _hookline("hookline", "Hookline, 1 worker", workers=1)
HOOKLINE_2 = _hookline("hookline-2", "Hookline, 2 workers", workers=2)
EMBEDDED = _hookline("embedded", "Hookline, embedded", workers=0)
WHISPERER = Contender(
    name="whisperer",
    title="dj-whisperer",
    driver="benchmarks.peers.whisperer.driver",
    worker=_CELERY,
    workers=1,
    is_slow=True,
)
DJANGO_WEBHOOK = Contender(
    name="django-webhook",
    title="django-webhook",
    driver="benchmarks.peers.django_webhook.driver",
    worker=_CELERY,
    workers=1,
    is_slow=True,
)
REST_HOOKS = Contender(
    name="rest-hooks",
    title="django-rest-hooks",
    driver="benchmarks.peers.rest_hooks.driver",
    keeps_record=False,
)
CONTENDERS = (HOOKLINE, HOOKLINE_2, EMBEDDED, WHISPERER, DJANGO_WEBHOOK, REST_HOOKS)
