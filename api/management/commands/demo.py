"""`manage.py demo`: a bookshop that tells four endpoints what happens, in a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

_CHECKOUT = Path(__file__).resolve().parents[3]
_SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "examples.bookshop.settings",
    "WEBHOOK_ALLOW_HTTP": "1",
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
}
# What is set for the project at hand must not reach the demo's.
_PREFIXES_OF_OURS = ("WEBHOOK_",)
_OURS = ("ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "SECRET_KEY")


class Command(BaseCommand):
    """Runs the example bookshop's demo in a process, with settings and a database of its own."""

    help = "Shows deliveries that succeed, fail and are retried, on this machine only."
    requires_system_checks = ()  # The project at hand is not what runs.

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--once",
            action="store_true",
            help="play the story, check what happened, and end with exit code 0 if all is well",
        )

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Run the demo and end with its exit code."""
        _check_that_it_is_here()
        command = [sys.executable, str(_CHECKOUT / "manage.py"), "bookshop_demo"]
        with TemporaryDirectory(prefix="hookline-demo-") as folder:
            code = _run([*command, "--once"] if once else command, env=_environment(folder))
        sys.exit(code)


def _check_that_it_is_here() -> None:
    if not (_CHECKOUT / "examples" / "bookshop" / "settings.py").exists():
        raise CommandError(
            f"There is no example bookshop in {_CHECKOUT}. Run the demo in a checkout of the "
            "repository: an installed package does not have it."
        )
    if find_spec("standardwebhooks") is None:
        raise CommandError(
            "The demo verifies signatures with the package standardwebhooks, which is not "
            "installed. Install it with `uv sync --group demo`."
        )


def _environment(folder: str) -> Mapping[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _OURS and not name.startswith(_PREFIXES_OF_OURS)
    }
    # What happens in the background must not be written across the table.
    return {"LOG_LEVEL": "WARNING"} | kept | _SETTINGS | {"HOOKLINE_DATA_DIR": folder}


def _run(command: list[str], *, env: Mapping[str, str]) -> int:
    # Ctrl-C reaches both processes. The child inherits that it is ignored until the demo can end in
    # order; before that, Python would answer with a traceback.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(command, env=env)  # noqa: S603 - our own command line
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: child.terminate())
    code = child.wait()
    # As a shell does for a program that a signal ended.
    return code if code >= 0 else 128 - code
