"""Whatever happens, in whatever order: no delivery is left behind, and none is sent twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TypeAlias
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import models, transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from delivery import parking
from delivery.deliveries import retry_delivery
from delivery.engine.claim import claim_due
from delivery.engine.engine import Engine
from delivery.engine.job import Job, NotSent, Sent, load_jobs
from delivery.engine.record import record
from delivery.engine.sweep import look
from delivery.errors import Refused
from delivery.fanout import fan_out_steps
from delivery.http.outcomes import Accepted, HttpAnswer, Outcome, Rejected, Unreachable
from delivery.http.request import OutgoingRequest
from delivery.models import Delivery, Webhook
from delivery.retry import FixedRetryPolicy
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from delivery.webhooks import update_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.invariants import broken_rules
from tests.work import LEASE, LONG_AGO, make_owner, subscribe

pytestmark = pytest.mark.django_db

_MOST_CRASHES = 4
_ENDED = (Delivery.Status.SUCCEEDED, Delivery.Status.FAILED, Delivery.Status.CANCELLED)

Step: TypeAlias = tuple[str, int]


def answered(status: int, **headers: str) -> Outcome:
    answer = HttpAnswer(
        status_code=status,
        headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()),
        body="",
        is_truncated=False,
    )
    return Accepted(answer=answer) if status == 200 else Rejected(answer=answer)


OUTCOMES = (
    answered(200),
    answered(500),
    answered(429),
    answered(503, Retry_After="90"),
    answered(429, Retry_After="7200"),
    Unreachable(reason="Nobody listens."),
)


class World:
    """One webhook, its endpoint, workers and an owner, at a time of its own."""

    def __init__(self, owner: models.Model) -> None:
        self.owner = owner
        self.now = LONG_AGO + timedelta(days=1)
        self.outcome = OUTCOMES[0]
        self.sent: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.crashes = 0
        self.held: list[Job] = []
        policy = FixedRetryPolicy(max_attempts=50, delay=timedelta(seconds=1))
        self.webhook = subscribe(
            owner, "https://example.com/0", retry_policy=policy, max_in_flight=3
        ).pk
        self.engine = Engine(
            transport=self, max_senders=2, clock=lambda: self.now, random=Random(0)
        )

    def send(self, request: OutgoingRequest) -> Outcome:
        self.sent[request.delivery_id] += 1
        if isinstance(self.outcome, Accepted):
            self.accepted[request.delivery_id] += 1
        return self.outcome

    def close(self) -> None:
        """Have nothing more to do; a transport is closed with its engine."""

    def do_publish(self, count: int) -> None:
        for _ in range(count):
            publish(Ping(), owner=self.owner)
        for _ in fan_out_steps(clock=lambda: self.now):
            pass

    def do_deliver(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds * seconds)
        self.engine.run_until_idle()

    def do_answer(self, number: int) -> None:
        self.outcome = OUTCOMES[number % len(OUTCOMES)]

    def do_pause(self, _: int) -> None:
        pause_webhook(owner=self.owner, webhook_id=self.webhook, now=self.now)

    def do_resume(self, _: int) -> None:
        resume_webhook(owner=self.owner, webhook_id=self.webhook, now=self.now)

    def do_move(self, number: int) -> None:
        update_webhook(
            owner=self.owner,
            webhook_id=self.webhook,
            change=lambda spec: replace(spec, url=f"https://example.com/{number}"),
            now=self.now,
        )

    def do_retry(self, number: int) -> None:
        keys = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
        if keys:
            with transaction.atomic():
                self._retry(keys[number % len(keys)])

    def _retry(self, key: UUID) -> None:
        try:
            retry_delivery(owner=self.owner, delivery_id=key, now=self.now)
        except Refused:
            return

    def do_claim(self, count: int) -> None:
        """Another worker claims something, and takes its time."""
        claimed = claim_due(now=self.now, limit=count)
        assert (
            len(claimed.claims) <= 1 or Webhook.objects.get(pk=self.webhook).circuit != "half_open"
        )
        self.held += load_jobs(claimed, now=self.now)

    def do_crash(self, _: int) -> None:
        """That other worker dies."""
        if self.held and self.crashes < _MOST_CRASHES:
            self.crashes += 1
            self.held.clear()

    def do_record(self, number: int) -> None:
        """That other worker ends what it has begun, or gives it back."""
        held = [job for job in self.held if job.claim.claimed_at + LEASE > self.now]
        self.held.clear()
        is_sending = number % 4 and Webhook.objects.get(pk=self.webhook).is_active
        ended = [self._sent(job) if is_sending else NotSent(job=job) for job in held]
        record(ended, now=self.now, random=Random(0))

    def _sent(self, job: Job) -> Sent:
        request = job.request(job.claim.claimed_at)
        return Sent(
            job=job,
            request=request,
            outcome=self.send(request),
            started_at=job.claim.claimed_at,
            duration=timedelta(seconds=1),
        )

    def do(self, step: Step) -> None:
        name, number = step
        getattr(self, f"do_{name}")(number)

    def recover(self) -> None:
        """The endpoint is well, the owner wants events, and workers look when the sweep says so."""
        self.outcome = OUTCOMES[0]
        self.held.clear()
        self.do_resume(0) if not Webhook.objects.get().is_active else None
        for _ in range(20):
            found = look(now=self.now)
            if found.deliveries_due or found.probes_due:
                self.engine.run_until_idle()
            self.now += timedelta(hours=2)


@contextmanager
def world() -> Iterator[World]:
    """Give a world that leaves nothing behind, where few deliveries are many."""
    with patch.object(parking, "PART", 4), transaction.atomic():
        made = World(make_owner("walker"))
        try:
            yield made
        finally:
            made.engine.stop()
            transaction.set_rollback(True)


# What stands here more often is drawn more often.
_STEPS = (
    *("publish", "publish", "answer", "answer", "deliver", "deliver", "deliver"),
    *("claim", "record", "retry", "crash", "pause", "resume", "move"),
)
# Most of what can go wrong begins with an endpoint that has just failed.
_BEGINNING: list[Step] = [("publish", 12), ("claim", 2), ("answer", 1), ("deliver", 1)]
WALKS = st.lists(
    st.tuples(st.sampled_from(_STEPS), st.integers(1, 12)), min_size=8, max_size=20
).map(lambda steps: [*_BEGINNING, *steps])
# Not shrunk: a failing walk is short enough to read, and each costs a while to walk again.
some_walks = settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])


@some_walks
@given(walk=WALKS)
def test_once_the_endpoint_is_well_all_is_delivered_once_and_parking_spent_no_attempts(
    walk: list[Step],
) -> None:
    with world() as here:
        for step in walk:
            here.do(step)
            assert broken_rules() == []

        here.recover()

        assert broken_rules() == []
        assert set(here.accepted.values()) <= {1}
        deliveries = list(Delivery.objects.filter(event__event_type="ping"))
        assert {each.status for each in deliveries} <= {Delivery.Status.SUCCEEDED}
        assert {each.public_id: each.attempt_count for each in deliveries} == here.sent
        assert Webhook.objects.get(pk=here.webhook).circuit == Webhook.Circuit.CLOSED


@some_walks
@given(walk=WALKS)
def test_whatever_came_before_a_cancelled_webhook_ends_all_that_waits(walk: list[Step]) -> None:
    with world() as here:
        for step in walk:
            here.do(step)
        here.held.clear()
        sent = here.sent.total()

        cancel_webhook(owner=here.owner, webhook_id=here.webhook, now=here.now)
        here.now += LEASE * 2
        here.engine.run_until_idle()

        assert broken_rules() == []
        assert {each.status for each in Delivery.objects.all()} <= set(_ENDED)
        assert here.sent.total() == sent
