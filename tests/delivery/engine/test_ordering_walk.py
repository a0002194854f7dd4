"""Whatever happens: of one key, no request begins before the delivery before it has ended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from random import Random
from threading import Lock
from typing import NamedTuple, TypeAlias

import pytest
from django.db import models, transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from delivery.conf import delivery_settings
from delivery.deliveries import retry_delivery
from delivery.engine.claim import claim_due
from delivery.engine.engine import Engine
from delivery.engine.job import Job, NotSent, Sent, load_jobs
from delivery.engine.record import record
from delivery.engine.sweep import look
from delivery.errors import Refused
from delivery.fanout import fan_out_steps
from delivery.http.outcomes import Accepted, Outcome
from delivery.http.request import OutgoingRequest
from delivery.http.transport import Transport
from delivery.models import Delivery, Webhook
from delivery.retry import FixedRetryPolicy
from delivery.webhook_states import pause_webhook, resume_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.invariants import broken_rules
from tests.delivery.packages import SHIPPED, shipped
from tests.services.receiver import Receiver
from tests.work import LEASE, LONG_AGO, make_owner, subscribe

pytestmark = pytest.mark.django_db

POLICY = FixedRetryPolicy(max_attempts=3, delay=timedelta(seconds=1))
_MOST_CRASHES = 4
_STATUSES = (200, 200, 500, 429)

Step: TypeAlias = tuple[str, int]


class Lane(NamedTuple):
    """Where what has one key goes."""

    url: str
    package: str


class Watch:
    """A transport that sends for real, and keeps what broke the order."""

    def __init__(self) -> None:
        self._transport = Transport(rules=delivery_settings().endpoint_rules)
        self._lock = Lock()
        self._under_way: set[Lane] = set()
        self._last: dict[Lane, int] = {}
        self._attempts: Counter[tuple[Lane, int]] = Counter()
        self._accepted: set[tuple[Lane, int]] = set()
        self._by_hand: set[int] = set()
        self.broken: list[str] = []

    def send(self, request: OutgoingRequest) -> Outcome:
        data = json.loads(request.body)["data"]
        if "tracking_id" not in data:
            return self._transport.send(request)
        lane, number = Lane(request.url, data["tracking_id"]), data["order_id"]
        with self._lock:
            self._begin(lane, number)
        outcome = self._transport.send(request)
        with self._lock:
            self._under_way.discard(lane)
            if isinstance(outcome, Accepted):
                self._accepted.add((lane, number))
        return outcome

    def close(self) -> None:
        self._transport.close()

    def forgive(self, number: int) -> None:
        """Let an event come after later ones, since somebody wants it sent again."""
        self._by_hand.add(number)

    def _begin(self, lane: Lane, number: int) -> None:
        last = self._last.get(lane, number)
        if lane in self._under_way:
            self.broken.append(f"{number} began while {last} was under way at {lane}.")
        if number < last and number not in self._by_hand:
            self.broken.append(f"{number} came after {last} at {lane}.")
        if number > last and not self._has_ended(lane, last):
            self.broken.append(f"{number} began before {last} had ended at {lane}.")
        self._under_way.add(lane)
        self._last[lane] = number
        self._attempts[lane, number] += 1

    def _has_ended(self, lane: Lane, number: int) -> bool:
        key = (lane, number)
        return key in self._accepted or self._attempts[key] >= POLICY.max_attempts


class World:
    """Two webhooks of one owner, their endpoint, and two workers, at a time of its own."""

    def __init__(self, owner: models.Model, receiver: Receiver) -> None:
        self.owner = owner
        self.receiver = receiver
        self.now = LONG_AGO + timedelta(days=1)
        self.watch = Watch()
        self.published = 0
        self.crashes = 0
        self.held: list[Job] = []
        self.webhooks = [
            subscribe(
                owner, receiver.url(path), SHIPPED, "ping", retry_policy=POLICY, max_in_flight=most
            ).pk
            for path, most in (("/narrow", 2), ("/wide", 10))
        ]
        self.engine = Engine(
            transport=self.watch, max_senders=8, clock=lambda: self.now, random=Random(0)
        )

    def do_publish(self, number: int) -> None:
        package = number % 4
        self.published += 1
        event = shipped(package, number=self.published) if package else Ping()
        publish(event, owner=self.owner)
        for _ in fan_out_steps(clock=lambda: self.now):
            pass

    def do_answer(self, number: int) -> None:
        self.receiver.answers(_STATUSES[number % len(_STATUSES)])

    def do_deliver(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds * seconds)
        self.engine.run_until_idle()

    def do_pause(self, number: int) -> None:
        webhook = self.webhooks[number % 2]
        pause_webhook(owner=self.owner, webhook_id=webhook, now=self.now)

    def do_resume(self, number: int) -> None:
        webhook = self.webhooks[number % 2]
        resume_webhook(owner=self.owner, webhook_id=webhook, now=self.now)

    def do_retry(self, number: int) -> None:
        """Somebody has a delivery sent again that has failed."""
        failed = Delivery.objects.filter(status=Delivery.Status.FAILED).order_by("event")
        for delivery in failed[number % 3 :][:1]:
            data = json.loads(delivery.event.payload)
            self.watch.forgive(data.get("order_id", 0))
            with suppress(Refused):
                retry_delivery(owner=self.owner, delivery_id=delivery.pk, now=self.now)

    def do_claim(self, count: int) -> None:
        """Another worker claims something, and takes its time."""
        self.held += load_jobs(claim_due(now=self.now, limit=count), now=self.now)

    def do_crash(self, _: int) -> None:
        """That other worker dies."""
        if self.held and self.crashes < _MOST_CRASHES:
            self.crashes += 1
            self.held.clear()

    def do_record(self, number: int) -> None:
        """That other worker sends what it has claimed, or gives it back."""
        held = [job for job in self.held if job.claim.claimed_at + LEASE > self.now]
        self.held.clear()
        ended = [
            self._sent(job) if number % 4 and self._is_active(job) else NotSent(job=job)
            for job in held
        ]
        record(ended, now=self.now, random=Random(0))

    def _is_active(self, job: Job) -> bool:
        return Webhook.objects.get(pk=job.webhook.pk).is_active

    def _sent(self, job: Job) -> Sent:
        request = job.request(self.now)
        return Sent(
            job=job,
            request=request,
            outcome=self.watch.send(request),
            started_at=self.now,
            duration=timedelta(seconds=1),
        )

    def do(self, step: Step) -> None:
        name, number = step
        getattr(self, f"do_{name}")(number)

    def recover(self) -> None:
        """The endpoint is well, the owner wants events, and workers look when the sweep says so."""
        self.receiver.answers(200)
        self.held.clear()
        for number in range(2):
            self.do_resume(number)
        for _ in range(20):
            found = look(now=self.now)
            if found.deliveries_due or found.probes_due:
                self.engine.run_until_idle()
            self.now += timedelta(hours=2)


@contextmanager
def world() -> Iterator[World]:
    """Give a world that leaves nothing behind."""
    with Receiver() as receiver, transaction.atomic():
        made = World(make_owner("walker"), receiver)
        try:
            yield made
        finally:
            made.engine.stop()
            transaction.set_rollback(True)


# What stands here more often is drawn more often.
_STEPS = (
    *("publish", "publish", "publish", "publish", "answer", "answer", "deliver", "deliver"),
    *("claim", "record", "crash", "pause", "resume", "retry", "retry"),
)
_BEGINNING: list[Step] = [("publish", 1), ("publish", 1), ("publish", 2), ("publish", 1)]
WALKS = st.lists(
    st.tuples(st.sampled_from(_STEPS), st.integers(1, 12)), min_size=8, max_size=24
).map(lambda steps: [*_BEGINNING, *steps])


# Not shrunk: a failing walk is short enough to read, and each costs a while to walk again.
@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(walk=WALKS)
def test_of_one_key_no_request_begins_before_the_delivery_before_it_has_ended(
    walk: list[Step],
) -> None:
    with world() as here:
        for step in walk:
            here.do(step)
            assert broken_rules() == []

        here.recover()

        assert here.watch.broken == []
        assert broken_rules() == []
        assert not Delivery.objects.filter(completed_at=None).exists()
