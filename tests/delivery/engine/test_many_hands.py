"""Several workers at once, workers that stop, and code of others that breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
import requests
from django.db import connection, models
from django.utils import timezone
from requests.adapters import BaseAdapter

from delivery import actors
from delivery.engine.claim import LEASE, claim_due
from delivery.engine.engine import Engine
from delivery.engine.job import Sent, load_jobs
from delivery.engine.record import record
from delivery.http.addresses import AddressRules
from delivery.http.outcomes import Unreachable
from delivery.http.transport import Transport
from delivery.models import Attempt, Delivery
from delivery.retry import MaxAttempts, RetryPolicy, retry_policies, retry_policy
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, make_engine, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def engines() -> Iterator[Callable[..., Engine]]:
    """Return a function that makes engines, which are stopped at the end."""
    made: list[Engine] = []

    def make(**options: Any) -> Engine:
        made.append(make_engine(**options))
        return made[-1]

    yield make
    for engine in made:
        engine.stop()


def in_thread(engine: Engine) -> threading.Thread:
    def run() -> None:
        try:
            engine.run_until_idle()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def prepare(owner: models.Model, receiver: Receiver, *, webhooks: int, events: int = 1) -> None:
    for i in range(webhooks):
        subscribe(owner, receiver.url(f"/{i}"))
    for _ in range(events):
        publish(Ping(), owner=owner)
    actors.fan_out()


def test_two_engines_send_every_delivery_once(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    prepare(owner, receiver, webhooks=20, events=10)

    for thread in [in_thread(engines()), in_thread(engines())]:
        thread.join()

    ids = [request.headers["webhook-id"] for request in receiver.requests()]
    assert len(ids) == len(set(ids)) == 200
    assert Delivery.objects.filter(status=Delivery.Status.SUCCEEDED).count() == 200


def test_stopping_lets_requests_end_and_gives_back_the_rest(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    receiver.hangs()
    prepare(owner, receiver, webhooks=3)
    engine = engines(max_senders=1)
    working = in_thread(engine)
    receiver.wait_for(1)

    stopping = threading.Thread(target=engine.stop)
    stopping.start()
    receiver.release()
    stopping.join()
    working.join()

    statuses = sorted(Delivery.objects.values_list("status", flat=True))
    assert statuses == ["pending", "pending", "succeeded"]
    assert all(d.due_at for d in Delivery.objects.waiting())


def test_an_engine_that_was_told_to_look_again_while_busy_does(
    owner: models.Model, receiver: Receiver, engines: Callable[..., Engine]
) -> None:
    receiver.hangs(path="/0")
    prepare(owner, receiver, webhooks=1)
    engine = engines()
    working = in_thread(engine)
    receiver.wait_for(1)
    subscribe(owner, receiver.url("/late"))
    publish(Ping(), owner=owner)
    actors.fan_out()

    engine.run_until_idle()  # Returns at once, for the other thread has the turn.

    receiver.wait_for(1, path="/late")
    receiver.release()
    working.join()


def test_whoever_lost_a_delivery_records_nothing_of_it(
    owner: models.Model, receiver: Receiver
) -> None:
    prepare(owner, receiver, webhooks=1)
    [late] = load_jobs(claim_due(now=timezone.now(), limit=1), now=timezone.now())
    deliver(now=later(seconds=LEASE.total_seconds() + 1))

    request = late.request(timezone.now())
    outcome = Unreachable(reason="It came too late.")
    sent = Sent(
        job=late,
        request=request,
        outcome=outcome,
        started_at=timezone.now(),
        duration=timedelta(),
    )
    record([sent], now=timezone.now(), random=Random(0))

    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED
    assert Attempt.objects.get().outcome == Attempt.Outcome.SUCCEEDED


class BrokenAdapter(BaseAdapter):
    """An adapter of a project's own, with a mistake in it."""

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        raise ZeroDivisionError(request.url)

    def close(self) -> None:
        pass


def test_a_transport_that_breaks_costs_no_delivery(
    owner: models.Model, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    prepare(owner, receiver, webhooks=2)
    transport = Transport(rules=AddressRules(), allow_http=True, adapter=BrokenAdapter())
    broken = Engine(transport=transport, max_senders=4, clock=timezone.now, random=Random(0))

    broken.run_until_idle()
    broken.stop()

    assert "ZeroDivisionError" in caplog.text
    assert {d.status for d in Delivery.objects.all()} == {Delivery.Status.SENDING}
    deliver(now=later(seconds=LEASE.total_seconds() + 1))
    assert {d.status for d in Delivery.objects.all()} == {Delivery.Status.SUCCEEDED}


@contextmanager
def policy_that_raises() -> Iterator[RetryPolicy]:
    with retry_policies.scratch():

        @retry_policy("broken")
        @dataclass(frozen=True, kw_only=True)
        class Broken(RetryPolicy):
            """Has a mistake in it."""

            max_attempts: MaxAttempts = 3

            def wait(self, *, retry: int, now: datetime, random: Random) -> timedelta:
                raise ZeroDivisionError(retry)

            @property
            def summary(self) -> str:
                return "Breaks."

        yield Broken()


def test_a_retry_policy_that_raises_falls_back_to_the_default(
    owner: models.Model, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers(500)
    now = later(seconds=1)
    with policy_that_raises() as policy:
        subscribe(owner, receiver.url("/in"), retry_policy=policy)
        publish(Ping(), owner=owner)

        deliver(now=now)

    delivery = Delivery.objects.get()
    assert delivery.status == Delivery.Status.RETRYING
    assert delivery.due_at
    assert timedelta(seconds=4) < delivery.due_at - now < timedelta(seconds=6)
    assert "ZeroDivisionError" in caplog.text
