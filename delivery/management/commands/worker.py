"""`manage.py worker`: delivers events, in as many processes as wanted."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from delivery.conf import delivery_settings
from delivery.worker import start_worker


class Command(BaseCommand):
    """Runs workers until it is told to stop by SIGTERM or SIGINT."""

    help = "Delivers events. Stop it with SIGTERM: requests under way are let end and recorded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--processes", type=int, default=1, help="how many processes to run")

    def handle(self, *args: Any, processes: int, **options: Any) -> None:
        """Run one worker here, or several as processes of their own."""
        if processes < 1:
            raise CommandError(f"--processes must be 1 or more, not {processes}.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if processes == 1:
            self._run_worker(stop)
        else:
            _Crew(processes).run(stop)

    def _run_worker(self, stop: threading.Event) -> None:
        if delivery_settings().redis_url is None:
            self.stderr.write("There is no REDIS_URL: events are found by looking once a second.")
        worker = start_worker()
        self.stdout.write("The worker is ready.")
        self.stdout.flush()
        stop.wait()
        worker.stop()


class _Crew:
    """Several worker processes; one that dies is replaced."""

    def __init__(self, size: int) -> None:
        self._members = [_start_member() for _ in range(size)]

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(1.0):
            self._members = [
                member if member.poll() is None else _start_member() for member in self._members
            ]
        for member in self._members:
            member.terminate()
        for member in self._members:
            member.wait()


def _start_member() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, sys.argv[0], "worker"])  # noqa: S603 - our own command line
