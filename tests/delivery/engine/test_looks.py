"""What an engine looks at, and when it looks again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import models

from delivery import actors
from delivery.models import Delivery
from delivery.retry import FixedRetryPolicy
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.engine.hands import in_thread
from tests.services.receiver import Receiver
from tests.work import deliver, later, make_engine, make_owner, subscribe

pytestmark = pytest.mark.django_db(transaction=True)

TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


def test_who_is_told_of_fresh_deliveries_sends_them_and_leaves_retries_to_the_next_look(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(503)
    subscribe(owner, receiver.url("/in"), retry_policy=TWICE)
    tried = publish(Ping(), owner=owner)
    deliver()
    receiver.answers(200)
    fresh = publish(Ping(), owner=owner)
    actors.fan_out()
    engine = make_engine(now=later(seconds=61))

    engine.look_again(at_fresh_only=True)
    engine.work()

    assert succeeded() == {fresh.pk}
    engine.run_until_idle()
    engine.stop()
    assert succeeded() == {fresh.pk, tried.pk}


def succeeded() -> set[UUID]:
    done = Delivery.objects.filter(status=Delivery.Status.SUCCEEDED)
    return set(done.values_list("event", flat=True))


def test_what_a_cap_held_back_is_sent_though_fresh_deliveries_were_looked_at_meanwhile(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.hangs(path="/capped")
    capped = subscribe(owner, receiver.url("/capped"), max_in_flight=2)
    for _ in range(6):
        publish(Ping(), owner=owner)
    actors.fan_out()
    capped.deliveries.update(status=Delivery.Status.RETRYING, attempt_count=1)
    stranger = subscribe(make_owner("stranger"), receiver.url("/fresh"))
    engine = make_engine(now=later(hours=1))
    working = in_thread(engine)
    receiver.wait_for(2, path="/capped")
    publish(Ping(), owner=stranger.owner)
    actors.fan_out()

    engine.look_again(at_fresh_only=True)

    receiver.wait_for(1, path="/fresh")
    receiver.release(path="/capped")
    working.join()
    engine.stop()
    assert not capped.deliveries.filter(status=Delivery.Status.RETRYING).exists()
