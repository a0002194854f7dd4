"""The upkeep of a worker, as its process shows it."""

from __future__ import annotations

from pathlib import Path

import certifi

from tests.services.programs import Program

# The checks are not run here, so that the sweep meets what they would have refused.
WORKER = """
import threading, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from delivery.worker import start_worker
worker = start_worker()
threading.Event().wait()
"""
SETTINGS = """
from examples.bookshop.settings import *
WEBHOOK_CA_FILE = {path!r}
"""


def test_the_sweep_goes_on_after_a_failure_that_nobody_thought_of(tmp_path: Path) -> None:
    authorities = tmp_path / "authorities.pem"
    (tmp_path / "sweep_settings.py").write_text(SETTINGS.format(path=str(authorities)))
    env = {
        "DJANGO_SETTINGS_MODULE": "sweep_settings",
        "PYTHONPATH": str(tmp_path),
        "HOOKLINE_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    with Program("-c", WORKER, env=env, log=tmp_path / "log") as worker:
        worker.wait_for_line("The sweep cannot look")
        worker.wait_for_line("FileNotFoundError")

        authorities.write_bytes(Path(certifi.where()).read_bytes())

        worker.wait_for_line("The sweep works again")
        assert worker.output.count("The sweep cannot look") == 1
