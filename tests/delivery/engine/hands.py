"""What workers do, at the hands of tests: engines in threads, and results of requests unmade."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from delivery.engine.engine import Engine
from delivery.engine.job import Job, Sent
from delivery.http.outcomes import Accepted, HttpAnswer, Outcome, Rejected

ACCEPTED = Accepted(answer=HttpAnswer(status_code=200, headers=(), body="", is_truncated=False))
REFUSED = Rejected(answer=HttpAnswer(status_code=500, headers=(), body="", is_truncated=False))


def elsewhere(work: Callable[[], object]) -> threading.Thread:
    """Start a thread that does something over a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def in_thread(engine: Engine) -> threading.Thread:
    """Start a thread in which an engine works until it is idle."""
    return elsewhere(engine.run_until_idle)


def sent(job: Job, outcome: Outcome) -> Sent:
    """Return a job as if it had been sent, with this outcome."""
    now = timezone.now()
    return Sent(
        job=job, request=job.request(now), outcome=outcome, started_at=now, duration=timedelta()
    )
