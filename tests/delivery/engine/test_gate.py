"""The gate: how many requests webhooks and owners have under way at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import models
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery import actors
from delivery.engine.claim import claim_due
from delivery.engine.gate import Gate
from delivery.engine.job import Job, load_jobs
from delivery.models import Webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, make_owner, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs(owner: models.Model, other_owner: models.Model) -> dict[UUID, Job]:
    """Return a job for each of six webhooks of three owners, by the webhook."""
    owners = (owner, other_owner, make_owner("cyd"))
    for each in owners:
        subscribe(each, "http://127.0.0.1:4/a", max_in_flight=3)
        subscribe(each, "http://127.0.0.1:4/b", max_in_flight=50)
        publish(Ping(), owner=each)
    actors.fan_out()
    now = timezone.now()
    loaded = load_jobs(claim_due(now=now, limit=10), now=now)
    assert len(loaded) == 6
    return {job.webhook.pk: job for job in loaded}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(st.integers(0, 11), max_size=300))
def test_nobody_has_more_under_way_than_may_be_and_everything_passes_in_the_end(
    jobs: dict[UUID, Job], steps: list[int]
) -> None:
    known = list(jobs.values())
    gate = Gate(places=12)
    passed: list[Job] = []
    entered = 0

    def passes(job: Job) -> None:
        theirs = [each for each in passed if each.webhook.owner_id == job.webhook.owner_id]
        assert len(theirs) < 2 * (12 - len(passed))
        passed.append(job)
        assert sum(each is job for each in passed) <= job.webhook.max_in_flight

    def end(index: int) -> None:
        following = gate.leave(passed.pop(index % len(passed)))
        if following:
            passes(following)

    for step in steps:
        if step < len(known):
            entered += 1
            if gate.enter(known[step]):
                passes(known[step])
        elif passed:
            entered -= 1
            end(step)
    while passed:
        entered -= 1
        end(0)

    assert entered == 0
    assert gate.withdraw(lambda _: True) == []


def test_what_waits_can_be_taken_back(jobs: dict[UUID, Job]) -> None:
    gate = Gate(places=12)
    [job, other] = [each for each in jobs.values() if each.webhook.max_in_flight == 3][:2]

    entered = [gate.enter(job) for _ in range(5)]

    assert entered == [True] * 3 + [False] * 2
    assert gate.withdraw(lambda item: item.job is other) == []
    assert gate.withdraw(lambda item: item.job is job) == [job] * 2
    assert gate.leave(job) is None


@pytest.fixture
def hanging(receiver: Receiver) -> Iterator[None]:
    """Have everything hang at the receiver but `/live`, until the test is over."""
    receiver.hangs()
    receiver.answers(200, path="/live")
    yield
    receiver.release()


@pytest.mark.usefixtures("hanging")
def test_an_owner_whose_endpoints_all_hang_keeps_no_other_waiting(
    owner: models.Model, other_owner: models.Model, receiver: Receiver
) -> None:
    for number in range(60):
        subscribe(owner, receiver.url(f"/{number}"), timeout=timedelta(seconds=30))
    publish(Ping(), owner=owner)
    subscribe(other_owner, receiver.url("/live"))
    for _ in range(20):
        publish(Ping(), owner=other_owner)

    def release_when_live_has_all() -> None:
        receiver.wait_for(20, path="/live")
        receiver.release()

    release = threading.Thread(target=release_when_live_has_all)
    release.start()
    deliver(max_senders=24)
    release.join()

    # Released only after that: had it waited for the others, this would not have ended.
    assert len(receiver.requests("/live")) == 20
    assert not Webhook.objects.exclude(circuit=Webhook.Circuit.CLOSED).exists()
