"""The pool of threads that send: it grows while requests wait, and shrinks when they do not."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from uuid import UUID

from delivery.engine.gate import Gate, Waiting
from delivery.engine.job import Job

logger = logging.getLogger(__name__)

_FIRST_THREADS = 16
_LONG_WAIT_SECONDS = 0.02
_IDLE_SECONDS = 30.0
# With more of a core in use than this, another thread would only wait for the processor.
_BUSY_SHARE = 0.8


class SenderPool:
    """Calls `send` for each job that may be sent, on a bounded number of threads.

    `send` must not raise. Threads are added when jobs have waited while all others were busy and
    the processor was not: fast endpoints are served by a few, slow ones get more, up to
    `max_threads`. Which jobs may be sent at once is the gate's to say.
    """

    def __init__(self, *, send: Callable[[Job], None], max_threads: int) -> None:
        self._send = send
        self._max_threads = max_threads
        self._first_threads = min(_FIRST_THREADS, max_threads)
        self._lock = threading.Lock()
        self._gate = Gate(places=max_threads)
        self._ready: deque[Waiting] = deque()
        # One for each job that became ready. Of all that threads can wait for, it costs the least.
        self._calls: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._threads = 0
        self._is_short_of_threads = False
        self._busy = 0
        self._looked_at = (time.monotonic(), time.process_time())

    @property
    def backlog(self) -> int:
        """How many jobs wait for nothing but a thread."""
        return len(self._ready)

    def is_held(self, owner_id: object) -> bool:
        """Return whether an owner has as much under way as anybody may have now."""
        return self._gate.is_held(owner_id)

    def submit(self, job: Job) -> None:
        """Send a job as soon as it may be sent and a thread is free."""
        with self._lock:
            if not self._gate.enter(job):
                return
            self._call_for(job)
            is_short = self._busy + len(self._ready) > self._threads
            if is_short and self._threads < self._first_threads:
                self._add_thread()

    def grow(self) -> None:
        """Add threads if a job has waited long; to be called often while jobs are under way."""
        with self._lock:
            if self._ready and time.monotonic() - self._ready[0].since > _LONG_WAIT_SECONDS:
                room = self._max_threads - self._threads if self._has_processor_time() else 0
                for _ in range(min(len(self._ready), room)):
                    if not self._add_thread():
                        return

    def withdraw(self, webhooks: Collection[UUID] | None = None) -> list[Job]:
        """Take back the jobs that no thread has begun; only those of `webhooks`, if given."""
        return self._withdraw(lambda item: webhooks is None or item.job.webhook.pk in webhooks)

    def withdraw_older(self, *, seconds: float) -> list[Job]:
        """Take back the jobs that have waited for longer than that."""
        until = time.monotonic() - seconds
        return self._withdraw(lambda item: item.since < until)

    def _withdraw(self, is_wanted: Callable[[Waiting], bool]) -> list[Job]:
        with self._lock:
            taken = self._gate.withdraw(is_wanted)
            for item in [item for item in self._ready if is_wanted(item)]:
                self._ready.remove(item)
                taken.append(item.job)
                self._leave(item.job)
            return taken

    def _call_for(self, job: Job) -> None:
        self._ready.append(Waiting(job, time.monotonic()))
        self._calls.put(None)

    def _leave(self, job: Job) -> None:
        if following := self._gate.leave(job):
            self._call_for(following)

    def _has_processor_time(self) -> bool:
        """Return whether threads waited for the network rather than for the processor, of late."""
        (then, used_then), now = self._looked_at, (time.monotonic(), time.process_time())
        self._looked_at = now
        return now[1] - used_then < _BUSY_SHARE * (now[0] - then)

    def _add_thread(self) -> bool:
        """Start a thread; return False if the system gives no more just now."""
        thread = threading.Thread(target=self._run, name="webhook-sender", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # Said once: `grow` asks again and again.
            if not self._is_short_of_threads:
                logger.warning("No thread can be started for requests; those there are go on.")
            self._is_short_of_threads = True
            return False
        self._is_short_of_threads = False
        self._threads += 1
        return True

    def _run(self) -> None:
        while True:
            try:
                self._calls.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                # Not needed any more. If a call comes this moment, `grow` sees to it.
                with self._lock:
                    self._threads -= 1
                return
            if job := self._begin():
                self._send(job)
                self._end(job)

    def _begin(self) -> Job | None:
        """Return the job that has been ready the longest, or None if it was withdrawn."""
        with self._lock:
            if not self._ready:
                return None
            self._busy += 1
            return self._ready.popleft().job

    def _end(self, job: Job) -> None:
        with self._lock:
            self._busy -= 1
            self._leave(job)
