"""Code of a host project that breaks, and rows that cannot be stored: nothing is lost by either."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
import requests
from django.db import models
from django.utils import timezone
from requests.adapters import BaseAdapter

from delivery import actors
from delivery.engine.engine import Engine
from delivery.http.endpoints import EndpointRules
from delivery.http.transport import Transport
from delivery.models import Attempt, Delivery
from delivery.retry import MaxAttempts, RetryPolicy, retry_policies, retry_policy
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import LEASE, deliver, later, subscribe

pytestmark = pytest.mark.django_db


class BrokenAdapter(BaseAdapter):
    """An adapter of a project's own, with a mistake in it."""

    def __init__(self, mistake: type[BaseException]) -> None:
        super().__init__()
        self._mistake = mistake

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        raise self._mistake(request.url)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("mistake", [ZeroDivisionError, SystemExit])
def test_a_transport_that_breaks_costs_no_delivery(
    mistake: type[BaseException],
    owner: models.Model,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for path in ("/a", "/b"):
        subscribe(owner, receiver.url(path))
    publish(Ping(), owner=owner)
    actors.fan_out()
    transport = Transport(rules=EndpointRules(allow_http=True), adapter=BrokenAdapter(mistake))
    broken = Engine(transport=transport, max_senders=4, clock=timezone.now, random=Random(0))

    broken.run_until_idle()
    broken.stop()

    assert mistake.__name__ in caplog.text
    assert {d.status for d in Delivery.objects.all()} == {Delivery.Status.SENDING}
    deliver(now=later(seconds=LEASE.total_seconds() + 1))
    assert {d.status for d in Delivery.objects.all()} == {Delivery.Status.SUCCEEDED}


@contextmanager
def policy_that_raises(mistake: type[BaseException]) -> Iterator[RetryPolicy]:
    with retry_policies.scratch():

        @retry_policy("broken")
        @dataclass(frozen=True, kw_only=True)
        class Broken(RetryPolicy):
            """Has a mistake in it."""

            max_attempts: MaxAttempts = 3

            def wait(self, *, retry: int, now: datetime, random: Random) -> timedelta:
                raise mistake(retry)

            @property
            def summary(self) -> str:
                return "Breaks."

        yield Broken()


@pytest.mark.parametrize("mistake", [ZeroDivisionError, SystemExit])
def test_a_retry_policy_that_raises_falls_back_to_the_default(
    mistake: type[BaseException],
    owner: models.Model,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver.answers(500)
    now = later(seconds=1)
    with policy_that_raises(mistake) as policy:
        subscribe(owner, receiver.url("/in"), retry_policy=policy)
        publish(Ping(), owner=owner)

        deliver(now=now)

    delivery = Delivery.objects.get()
    assert delivery.status == Delivery.Status.RETRYING
    assert delivery.due_at
    assert timedelta(seconds=4) < delivery.due_at - now < timedelta(seconds=6)
    assert mistake.__name__ in caplog.text


def test_what_cannot_be_recorded_keeps_nothing_else_from_it(
    owner: models.Model, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/a", "/b", "/c"):
        subscribe(owner, receiver.url(path))
    publish(Ping(), owner=owner)
    actors.fan_out()
    spoilt = Delivery.objects.latest("pk")
    # Its first attempt has been written already, as if by a hand other than ours.
    Attempt.objects.create(
        owner_id=owner.pk,
        delivery=spoilt,
        number=1,
        outcome=Attempt.Outcome.REJECTED,
        request_url="",
        request_headers=[],
        started_at=timezone.now(),
        duration=timedelta(),
    )

    deliver()

    others = Delivery.objects.exclude(pk=spoilt.pk)
    assert {delivery.status for delivery in others} == {Delivery.Status.SUCCEEDED}
    spoilt.refresh_from_db()
    assert spoilt.status == Delivery.Status.SENDING
    assert spoilt.due_at
    assert str(spoilt.pk) in caplog.text
