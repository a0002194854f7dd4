"""The runner: runs a worker's engine as soon as there is something to send, without a message."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connections

logger = logging.getLogger(__name__)


class Runner:
    """Calls `run` on a thread of its own whenever it is woken, while it is started.

    Who makes deliveries in a worker wakes its engine by it: a message through the broker would
    take a lone event as long again as all the rest.
    """

    def __init__(self, run: Callable[[], None]) -> None:
        self._run_once = run
        self._is_started = False
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-engine", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._is_started = True
        self._thread.start()

    def stop(self) -> None:
        """End when what is run has ended."""
        self._is_started = False
        self._woken.set()
        self._thread.join()

    def wake(self) -> bool:
        """Have it run soon; False if it is not started."""
        if self._is_started:
            self._woken.set()
        return self._is_started

    def _run(self) -> None:
        while self._woken.wait() and self._is_started:
            # Before the run: what comes during it is found by another.
            self._woken.clear()
            try:
                close_old_connections()
                self._run_once()
            except Exception:
                logger.exception("Deliveries cannot be sent now; the sweep tries again.")
        connections.close_all()
