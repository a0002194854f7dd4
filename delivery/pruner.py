"""The thread of a worker that removes what is past its time, beside all that delivers."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from delivery.conf import delivery_settings
from delivery.engine.order import let_orphans_go
from delivery.retention import Pruned, prune_all

logger = logging.getLogger(__name__)

PRUNE_EVERY = timedelta(hours=1)
# Between two steps, so that deliveries get at a database that has one writer at a time.
_PAUSE = timedelta(milliseconds=50)


class Pruner:
    """Prunes when it is started and then once an hour, until it is stopped.

    It is no actor: it takes no thread from those that deliver, and needs no broker.
    """

    def __init__(self, *, every: timedelta = PRUNE_EVERY) -> None:
        self._every = every
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-prune", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way, which is short."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        is_over = False
        while not is_over:
            try:
                self._prune()
            except Exception:
                # Whatever it is, the next time may find it mended.
                logger.exception("Old events cannot be removed; it is tried again in an hour.")
            finally:
                connections.close_all()
            is_over = self._is_over.wait(self._every.total_seconds())

    def _prune(self) -> None:
        total, options, now = Pruned(), delivery_settings(), timezone.now()
        let_orphans_go(now=now)
        steps = prune_all(
            now=now, keep_for=options.retention, keep_audit_for=options.audit_retention
        )
        for removed in steps:
            total += removed
            if self._is_over.wait(_PAUSE.total_seconds()):
                break
        if total != Pruned():
            logger.info("Removed %s that were past their time.", total)
