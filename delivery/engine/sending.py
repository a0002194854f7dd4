"""Sending one job: its request, made and answered, or given back unmade."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from delivery.engine.brake import Brake
from delivery.engine.job import Crashed, Ended, Job, NotSent, Sent
from delivery.faults import FaultPoint, pass_by
from delivery.http.echoes import without_echoes
from delivery.http.outcomes import Outcome, Unreachable
from delivery.http.request import CannotSend, OutgoingRequest
from delivery.http.transport import RequestSender

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(seconds=2)
"""A job that waited longer is given back unsent: its webhook may have been cancelled since."""


class JobSender:
    """Makes the requests of jobs, on whichever threads it is called; does not raise."""

    def __init__(
        self, *, transport: RequestSender, brake: Brake, clock: Callable[[], datetime]
    ) -> None:
        self._transport = transport
        self._brake = brake
        self._clock = clock

    def send(self, job: Job) -> Ended:
        """Make the request of a job, if it may still be made."""
        started_at, start = self._clock(), time.monotonic()
        if started_at - job.claim.claimed_at > LONGEST_WAIT or self._brake.holds(job):
            return NotSent(job=job)
        try:
            request, outcome = self._exchange(job, now=started_at)
            duration = timedelta(seconds=time.monotonic() - start)
            sent = Sent(
                job=job, request=request, outcome=outcome, started_at=started_at, duration=duration
            )
            self._brake.hear(sent, now=self._clock())
        except BaseException:
            # Code of the project's own may be at fault, and `SystemExit` would end this thread. The
            # delivery stays claimed until its lease runs out, and is given up after a few crashes.
            logger.exception("Sending %s crashed.", job.claim.delivery_id)
            return Crashed(job=job)
        pass_by(FaultPoint.SENT)
        return sent

    def close(self) -> None:
        """End the connections that are kept."""
        self._transport.close()

    def _exchange(self, job: Job, *, now: datetime) -> tuple[OutgoingRequest, Outcome]:
        try:
            request = job.request(now)
        except CannotSend as failure:
            return job.unsent_request(), Unreachable(reason=failure.reason)
        outcome = self._transport.send(request)
        if not isinstance(outcome, Outcome):
            raise TypeError(f"The transport returned {outcome!r:.80}, which is no Outcome.")
        return request, without_echoes(outcome, of=request)
