"""The engine: claims what is due, has it sent, and records how it ended, until nothing is left."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from random import Random

from django.db import DataError, IntegrityError, transaction

from delivery.engine.announce import Announcer, DirectAnnouncer
from delivery.engine.brake import Brake
from delivery.engine.claim import ClaimDue, claim_due
from delivery.engine.job import Ended, Job, NotSent, load_jobs
from delivery.engine.record import most_at_once, record
from delivery.engine.sender import SenderPool
from delivery.engine.sending import LONGEST_WAIT, JobSender
from delivery.engine.steps import MOST_CRASHES
from delivery.engine.stock import Stock
from delivery.faults import FaultPoint, pass_by
from delivery.http.transport import RequestSender
from delivery.pace import Pace
from delivery.parking import tend_parked

logger = logging.getLogger(__name__)

_MOST_CLAIMED = 200
_LOW_BACKLOG = 50
_LINGER_SECONDS = 0.004
_LONGEST_LOOK_SECONDS = 0.05
_CONTENTION_SECONDS = 0.005


class Engine:
    """Sends due deliveries, from one thread that speaks to the database and many that send.

    One call of `run_until_idle` works at a time; another, meanwhile, makes it look again and
    returns. What has ended is recorded within milliseconds, so that a process that dies repeats
    few requests. Nothing waits for a slow request but its own webhook. What was recorded goes to
    the `announcer`; the default one tells it when the engine is stopped.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, and three have a default.
        self,
        *,
        transport: RequestSender,
        max_senders: int,
        clock: Callable[[], datetime],
        random: Random,
        announcer: Announcer | None = None,
        claim: ClaimDue = claim_due,
        pace: Pace | None = None,
    ) -> None:
        self._clock = clock
        self._random = random
        self._announcer = announcer or DirectAnnouncer()
        self._claim = claim
        self._brake = Brake()
        self._sender = JobSender(transport=transport, brake=self._brake, clock=clock)
        self._pool = SenderPool(send=self._send, max_threads=max_senders)
        self._most_outstanding = max_senders + _MOST_CLAIMED
        self._turn = threading.Lock()
        self._look_again = threading.Event()
        self._look_at_all = threading.Event()
        self._is_stopping = False
        self._ended: queue.SimpleQueue[Ended | None] = queue.SimpleQueue()
        # Only whoever has the turn touches these.
        self._stock = Stock(is_held=self._pool.is_held, pace=pace or Pace())
        self._unrecorded: list[Ended] = []
        self._has_more_due = False
        self._has_more_tried_due = False
        self._is_capped = False

    def run_until_idle(self) -> None:
        """Send everything that is due; return when nothing is due or under way."""
        self.look_again()
        self.work()

    def work(self) -> None:
        """Do what `look_again` asked for, unless somebody is at it."""
        # Asked again after the turn was given back: a call that came just before found it taken,
        # and relies on us.
        while self._look_again.is_set() and self._turn.acquire(blocking=False):
            try:
                self._work()
            finally:
                self._turn.release()

    def look_again(self, *, at_fresh_only: bool = False) -> None:
        """Have whoever works look at what is due once more, though requests are under way.

        Whoever knows that nothing was tried yet of what he has made due, says so.
        """
        if not at_fresh_only:
            self._look_at_all.set()
        self._look_again.set()
        self._wake()

    @property
    def is_stalled(self) -> bool:
        """Whether a call broke off, as when the database went away, and left results unrecorded."""
        return len(self._stock) > 0 and not self._turn.locked()

    def stop(self) -> None:
        """Claim nothing more, give back what is not under way, and wait for what is."""
        self._is_stopping = True
        # Others take it up where it stood: that it could not be sent is no fault of its own.
        self._give_back(self._pool.withdraw(), keeps_turn=True)
        logger.info("No more deliveries are claimed; requests under way are let end.")
        self._wake()
        with self._turn:
            self._work()
        self._sender.close()
        self._announcer.close()

    def _work(self) -> None:
        if self._stock:
            # Left by a call that broke off: recorded before a look could take them for forgotten.
            self._await_ended()
            self._record_ended()
        while True:
            if self._look_again.is_set():
                self._look_again.clear()
                self._has_more_due = True
            if self._look_at_all.is_set():
                self._look_at_all.clear()
                self._expect_more()
                if not self._is_stopping and tend_parked(now=self._clock()):
                    self.look_again()
            if self._has_more_due and self._has_room():
                self._claim_some()
            if not self._stock and (self._is_stopping or not self._has_more_due):
                return
            self._pool.grow()
            self._give_back(self._pool.withdraw_older(seconds=LONGEST_WAIT.total_seconds()))
            self._await_ended()
            self._record_ended()

    def _expect_more(self) -> None:
        self._has_more_due = self._has_more_tried_due = True

    def _has_room(self) -> bool:
        return (
            not self._is_stopping
            and self._pool.backlog < _LOW_BACKLOG
            and len(self._stock) < self._most_outstanding
        )

    def _claim_some(self) -> None:
        now = self._clock()
        limit = min(_MOST_CLAIMED, self._most_outstanding - len(self._stock))
        is_fresh_only = not self._has_more_tried_due
        # One transaction, so that what cannot be loaded is not claimed either.
        with transaction.atomic():
            claimed = self._claim(
                now=now,
                limit=limit,
                appetite=self._stock,
                is_fresh_only=is_fresh_only,
            )
            jobs = load_jobs(claimed, now=now)
        pass_by(FaultPoint.CLAIM_COMMITTED)
        self._has_more_due = not claimed.is_all
        self._has_more_tried_due &= self._has_more_due
        # Of what was tried, a look at fresh ones tells nothing new.
        self._is_capped = claimed.is_capped or (self._is_capped and is_fresh_only)
        if claimed.is_held_up:
            # Asking again at once would only heat the room.
            time.sleep(_CONTENTION_SECONDS)
        for job in jobs:
            self._stock.add(job)
            if job.webhook.is_active and job.claim.crashes < MOST_CRASHES:
                self._pool.submit(job)
            else:
                self._ended.put(NotSent(job=job))

    def _await_ended(self) -> None:
        """Gather what has ended: enough to be worth a transaction, but never waiting for long."""
        patience = 0.0 if self._has_more_due and self._has_room() else _LONGEST_LOOK_SECONDS
        until = time.monotonic() + patience
        enough = min(most_at_once(), len(self._stock))
        while len(self._unrecorded) < enough:
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
        for ended in self._unrecorded:
            self._stock.remove(ended)
        if self._is_capped or any(isinstance(ended, NotSent) for ended in self._unrecorded):
            self._expect_more()
        self._unrecorded.clear()

    def _record(self, ended: Sequence[Ended]) -> None:
        recorded = record(ended, now=self._clock(), random=self._random)
        self._announcer.announce(recorded.news)
        self._give_back(self._pool.withdraw(recorded.held_back))
        if recorded.has_sent_on:
            self._expect_more()

    def _record_one_by_one(self) -> None:
        for item in self._unrecorded:
            try:
                self._record([item])
            except (DataError, IntegrityError):
                # As if its worker had died: tried again after the lease, a limited number of times.
                logger.exception("Delivery %s cannot be recorded.", item.job.claim.delivery_id)

    def _give_back(self, jobs: Iterable[Job], *, keeps_turn: bool = False) -> None:
        for job in jobs:
            self._ended.put(NotSent(job=job, keeps_turn=keeps_turn))

    def _wake(self) -> None:
        self._ended.put(None)

    def _send(self, job: Job) -> None:
        """Have one request made; called on the pool's threads."""
        self._ended.put(self._sender.send(job))
