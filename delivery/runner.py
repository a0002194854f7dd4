"""The runner: runs a worker's engine as soon as there is something to send, without a message."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import connections

from delivery.fresh_connections import refresh_connections

logger = logging.getLogger(__name__)


class Runner:
    """Calls `run` on a thread of its own whenever it is woken, while it is started.

    Who makes deliveries in a worker wakes its engine by it: a message through the broker would
    take a lone event as long again as all the rest.
    """

    def __init__(self, run: Callable[[], None]) -> None:
        self._run_once = run
        self.is_started = False
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-engine", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.is_started = True
        self._thread.start()

    def stop(self) -> None:
        """End when what is run has ended."""
        self.is_started = False
        self._woken.set()
        self._thread.join()

    def wake(self) -> None:
        """Have it run soon."""
        self._woken.set()

    def _run(self) -> None:
        while self._woken.wait() and self.is_started:
            # Before the run: what comes during it is found by another.
            self._woken.clear()
            try:
                refresh_connections()
                self._run_once()
            except Exception:
                logger.exception("Deliveries cannot be sent now; the sweep tries again.")
        connections.close_all()
