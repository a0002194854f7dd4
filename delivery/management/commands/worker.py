"""`manage.py worker`: delivers events, in as many processes as wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import connections

from delivery.conf import delivery_settings
from delivery.stopping import StopSignals
from delivery.worker import refuse_wrong_keys, start_worker

_LOOK_EVERY = timedelta(seconds=1)


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
        try:
            refuse_wrong_keys()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        stop = StopSignals()
        if processes == 1:
            self._run_worker(stop)
        else:
            connections.close_all()  # What looks into the database are the members.
            _Crew(processes, self.stdout).run(stop)

    def _run_worker(self, stop: StopSignals) -> None:
        if delivery_settings().redis_url is None:
            self.stderr.write("There is no REDIS_URL: events are found by looking once a second.")
        worker = start_worker()
        connections.close_all()  # This thread, which looked at the keys, only waits from here on.
        self.stdout.write(f"The worker is ready (process {os.getpid()}).")
        self.stdout.flush()
        stop.wait()
        worker.stop()


class _Crew:
    """Several worker processes; one that dies is replaced."""

    def __init__(self, size: int, out: OutputWrapper) -> None:
        self._out = out
        self._members = [_start_member() for _ in range(size)]

    def run(self, stop: StopSignals) -> None:
        """Keep the crew whole until told to stop, then let all of them end in order."""
        while not stop.wait(at_most=_LOOK_EVERY):
            self._members = [self._replace_if_dead(member) for member in self._members]
        for member in self._members:
            member.terminate()
        for member in self._members:
            member.wait()

    def _replace_if_dead(self, member: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        if (code := member.poll()) is None:
            return member
        successor = _start_member()
        self._out.write(
            f"Worker process {member.pid} ended with {code}; {successor.pid} was started."
        )
        return successor


def _start_member() -> subprocess.Popen[bytes]:
    command = [sys.executable, sys.argv[0], "worker"]
    return subprocess.Popen(command)  # noqa: S603 - our own command line
