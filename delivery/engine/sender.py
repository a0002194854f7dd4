"""The pool of threads that send: it grows while requests wait, and shrinks when they do not."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from uuid import UUID

from delivery.engine.job import Job

_FIRST_THREADS = 16
_LONG_WAIT_SECONDS = 0.02
_IDLE_SECONDS = 30.0


class SenderPool:
    """Calls `send` for each job, on a bounded number of threads.

    `send` must not raise. Threads are added when jobs have waited while all others were busy: fast
    endpoints are served by a few, slow ones get more, up to `max_threads`.
    """

    def __init__(self, *, send: Callable[[Job], None], max_threads: int) -> None:
        self._send = send
        self._max_threads = max_threads
        self._first_threads = min(_FIRST_THREADS, max_threads)
        self._jobs: deque[tuple[float, Job]] = deque()
        self._ready = threading.Condition()
        self._threads = 0
        self._idle = 0

    @property
    def backlog(self) -> int:
        """How many jobs wait for a thread."""
        return len(self._jobs)

    def submit(self, job: Job) -> None:
        """Send a job as soon as a thread is free."""
        with self._ready:
            self._jobs.append((time.monotonic(), job))
            if self._idle >= len(self._jobs) or self._threads >= self._first_threads:
                self._ready.notify()
            else:
                self._add_thread()

    def grow(self) -> None:
        """Add threads if a job has waited long; to be called often while jobs are under way."""
        with self._ready:
            if self._jobs and time.monotonic() - self._jobs[0][0] > _LONG_WAIT_SECONDS:
                room = self._max_threads - self._threads
                for _ in range(min(len(self._jobs), room)):
                    self._add_thread()

    def withdraw(self, webhooks: Collection[UUID] | None = None) -> list[Job]:
        """Take back the jobs that no thread has begun; only those of `webhooks`, if given."""
        with self._ready:
            taken = [
                item for item in self._jobs if webhooks is None or item[1].webhook.pk in webhooks
            ]
            for item in taken:
                self._jobs.remove(item)
            return [job for _, job in taken]

    def _add_thread(self) -> None:
        threading.Thread(target=self._run, name="webhook-sender", daemon=True).start()
        self._threads += 1

    def _run(self) -> None:
        while job := self._next_job():
            self._send(job)

    def _next_job(self) -> Job | None:
        """Return the next job, or None if there was none for a while: this thread is not needed."""
        with self._ready:
            self._idle += 1
            try:
                has_job = self._ready.wait_for(lambda: self._jobs, timeout=_IDLE_SECONDS)
            finally:
                self._idle -= 1
            if has_job:
                return self._jobs.popleft()[1]
            self._threads -= 1
            return None
