"""The engine: claims what is due, has it sent, and records how it ended, until nothing is left."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db import DataError, IntegrityError, transaction

from delivery.engine.announce import Announcer, DirectAnnouncer
from delivery.engine.brake import Brake
from delivery.engine.claim import ClaimDue, claim_due
from delivery.engine.job import Crashed, Ended, Job, NotSent, Sent, load_jobs
from delivery.engine.record import record
from delivery.engine.sender import SenderPool
from delivery.engine.steps import MOST_CRASHES
from delivery.http.echoes import without_echoes
from delivery.http.outcomes import Outcome, Unreachable
from delivery.http.request import CannotSend, OutgoingRequest
from delivery.http.transport import RequestSender
from delivery.parking import tend_parked

logger = logging.getLogger(__name__)

_MOST_CLAIMED = 200
_LOW_BACKLOG = 50
# Attempts have 16 columns, and Django gives SQLite 999 values in a statement.
_MOST_RECORDED = 60
_LINGER_SECONDS = 0.004
_LONGEST_LOOK_SECONDS = 0.05
_CONTENTION_SECONDS = 0.005
# A job that waited longer is given back unsent: its webhook may have been cancelled since.
_LONGEST_WAIT = timedelta(seconds=2)


class Engine:
    """Sends due deliveries, from one thread that speaks to the database and many that send.

    One call of `run_until_idle` works at a time; another, meanwhile, makes it look again and
    returns. What has ended is recorded within milliseconds, so that a process that dies repeats
    few requests. Nothing waits for a slow request but its own webhook. What was recorded goes to
    the `announcer`; the default one tells it when the engine is stopped.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, and two have a default.
        self,
        *,
        transport: RequestSender,
        max_senders: int,
        clock: Callable[[], datetime],
        random: Random,
        announcer: Announcer | None = None,
        claim: ClaimDue = claim_due,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._random = random
        self._announcer = announcer or DirectAnnouncer()
        self._claim = claim
        self._pool = SenderPool(send=self._send, max_threads=max_senders)
        self._brake = Brake()
        self._most_outstanding = max_senders + _MOST_CLAIMED
        self._turn = threading.Lock()
        self._look_again = threading.Event()
        self._is_stopping = False
        self._ended: queue.SimpleQueue[Ended | None] = queue.SimpleQueue()
        # Only whoever has the turn touches these.
        self._outstanding = 0
        self._unrecorded: list[Ended] = []
        self._under_way: Counter[UUID] = Counter()
        self._has_more_due = False
        self._is_capped = False

    def run_until_idle(self) -> None:
        """Send everything that is due; return when nothing is due or under way."""
        self._look_again.set()
        self._wake()
        # Asked again after the turn was given back: a call that came just before found it taken,
        # and relies on us.
        while self._look_again.is_set() and self._turn.acquire(blocking=False):
            try:
                self._work()
            finally:
                self._turn.release()

    @property
    def is_stalled(self) -> bool:
        """Whether a call broke off, as when the database went away, and left results unrecorded."""
        return self._outstanding > 0 and not self._turn.locked()

    def stop(self) -> None:
        """Claim nothing more, give back what is not under way, and wait for what is."""
        self._is_stopping = True
        self._give_back(self._pool.withdraw())
        logger.info("No more deliveries are claimed; requests under way are let end.")
        self._wake()
        with self._turn:
            self._work()
        self._transport.close()
        self._announcer.close()

    def _work(self) -> None:
        if self._outstanding:
            # Left by a call that broke off: recorded before a look could take them for forgotten.
            self._await_ended()
            self._record_ended()
        while True:
            if self._look_again.is_set():
                self._look_again.clear()
                self._has_more_due = True
                if not self._is_stopping and tend_parked(now=self._clock()):
                    self._look_again.set()
            if self._has_more_due and self._has_room():
                self._claim_some()
            if not self._outstanding and (self._is_stopping or not self._has_more_due):
                return
            self._pool.grow()
            self._await_ended()
            self._record_ended()

    def _has_room(self) -> bool:
        return (
            not self._is_stopping
            and self._pool.backlog < _LOW_BACKLOG
            and self._outstanding < self._most_outstanding
        )

    def _claim_some(self) -> None:
        now = self._clock()
        limit = min(_MOST_CLAIMED, self._most_outstanding - self._outstanding)
        # One transaction, so that what cannot be loaded is not claimed either.
        with transaction.atomic():
            claimed = self._claim(now=now, limit=limit)
            jobs = load_jobs(claimed, now=now)
        self._has_more_due = not claimed.is_all
        self._is_capped = claimed.is_capped
        if self._has_more_due and not jobs:
            # Another worker is at all that is due: asking again at once would only heat the room.
            time.sleep(_CONTENTION_SECONDS)
        for job in jobs:
            self._outstanding += 1
            self._under_way[job.webhook.pk] += 1
            if job.webhook.is_active and job.claim.crashes < MOST_CRASHES:
                self._pool.submit(job)
            else:
                self._ended.put(NotSent(job=job))

    def _await_ended(self) -> None:
        """Gather what has ended: enough to be worth a transaction, but never waiting for long."""
        patience = 0.0 if self._has_more_due and self._has_room() else _LONGEST_LOOK_SECONDS
        until = time.monotonic() + patience
        while len(self._unrecorded) < min(_MOST_RECORDED, self._outstanding):
            try:
                ended = self._ended.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            if ended is None:
                return
            if not self._unrecorded:
                until = min(until, time.monotonic() + _LINGER_SECONDS)
            self._unrecorded.append(ended)

    def _record_ended(self) -> None:
        if not self._unrecorded:
            return
        try:
            self._record(self._unrecorded)
        except (DataError, IntegrityError):
            # One of them cannot be stored, and must not keep the others from it.
            self._record_one_by_one()
        asked = self._brake.asked_in(self._unrecorded)
        self._give_back(self._pool.withdraw(asked))
        self._brake.release(asked)
        self._outstanding -= len(self._unrecorded)
        makes_room = [self._makes_room(ended) for ended in self._unrecorded]
        if self._is_capped or any(makes_room):
            self._has_more_due = True
        self._unrecorded.clear()

    def _makes_room(self, ended: Ended) -> bool:
        """Count a job as over; True if something may now be due that could not be claimed."""
        webhook = ended.job.webhook
        was_full = self._under_way[webhook.pk] >= webhook.max_in_flight
        self._under_way[webhook.pk] -= 1
        if not self._under_way[webhook.pk]:
            del self._under_way[webhook.pk]
        return was_full or isinstance(ended, NotSent)

    def _record(self, ended: Sequence[Ended]) -> None:
        recorded = record(ended, now=self._clock(), random=self._random)
        self._announcer.announce(recorded.news)
        self._give_back(self._pool.withdraw(recorded.held_back))
        if recorded.held_back or recorded.recovered:
            self._look_again.set()

    def _record_one_by_one(self) -> None:
        for item in self._unrecorded:
            try:
                self._record([item])
            except (DataError, IntegrityError):
                # As if its worker had died: tried again after the lease, a limited number of times.
                logger.exception("Delivery %s cannot be recorded.", item.job.claim.delivery_id)

    def _give_back(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self._ended.put(NotSent(job=job))

    def _wake(self) -> None:
        self._ended.put(None)

    def _send(self, job: Job) -> None:
        """Make one request; called on the pool's threads."""
        started_at, start = self._clock(), time.monotonic()
        if started_at - job.claim.claimed_at > _LONGEST_WAIT or self._brake.holds(job):
            self._ended.put(NotSent(job=job))
            return
        try:
            request, outcome = self._exchange(job, now=started_at)
            duration = timedelta(seconds=time.monotonic() - start)
            sent = Sent(
                job=job, request=request, outcome=outcome, started_at=started_at, duration=duration
            )
            self._brake.hear(sent, now=self._clock())
        except Exception:
            # A transport of the project's own may be at fault. The delivery stays claimed until its
            # lease runs out, and is given up after a few such crashes.
            logger.exception("Sending %s crashed.", job.claim.delivery_id)
            self._ended.put(Crashed(job=job))
            return
        self._ended.put(sent)

    def _exchange(self, job: Job, *, now: datetime) -> tuple[OutgoingRequest, Outcome]:
        try:
            request = job.request(now)
        except CannotSend as failure:
            return job.unsent_request(), Unreachable(reason=failure.reason)
        outcome = self._transport.send(request)
        if not isinstance(outcome, Outcome):
            raise TypeError(f"The transport returned {outcome!r:.80}, which is no Outcome.")
        return request, without_echoes(outcome, of=request)
