"""Workers remove what is past its time by themselves, as their processes show it."""

from __future__ import annotations

from pathlib import Path

from tests.services.programs import Program

SETTINGS = """
from datetime import timedelta
from examples.bookshop.settings import *
WEBHOOK_RETENTION = timedelta(milliseconds=1)
WEBHOOK_AUDIT_RETENTION = timedelta(milliseconds=1)
"""
START = """
import threading, django
from datetime import timedelta
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from delivery import actors
from delivery.pruner import Pruner
from delivery.worker import start_worker
from events.publishing import EVERYONE, publish
from events.webhooks import Ping
"""
PUBLISH = """
call_command("migrate", verbosity=0)
get_user_model().objects.create_user("ada")
call_command("create_token", user="ada")
publish(Ping(), owner=EVERYONE)
actors.fan_out()
"""
WORK = """
worker = start_worker()
threading.Event().wait()
"""
PRUNE_OFTEN = """
pruner = Pruner(every=timedelta(milliseconds=10))
pruner.start()
threading.Event().wait()
"""


def run(source: str, folder: Path, *, log: str) -> Program:
    """Return a program on the database in a folder, where next to nothing is kept."""
    (folder / "prune_settings.py").write_text(SETTINGS)
    env = {
        "DJANGO_SETTINGS_MODULE": "prune_settings",
        "PYTHONPATH": str(folder),
        "HOOKLINE_DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    return Program("-c", START + source, env=env, log=folder / log)


def test_a_worker_removes_what_is_past_its_time(tmp_path: Path) -> None:
    with run(PUBLISH + WORK, tmp_path, log="log") as worker:
        worker.wait_for_line("Removed 1 events, 0 deliveries, 0 attempts and 1 audit entries that")


def test_it_is_done_again_and_again_even_after_a_failure(tmp_path: Path) -> None:
    with run(PRUNE_OFTEN, tmp_path, log="log") as pruner:
        pruner.wait_for_line("Old events cannot be removed")  # There are no tables.

        with run(PUBLISH, tmp_path, log="publishing") as publishing:
            assert publishing.wait() == 0

        pruner.wait_for_line("Removed 1 events")
