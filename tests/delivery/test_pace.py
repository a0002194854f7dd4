"""The pace of a webhook: no more requests in a minute than it may be sent, whoever sends them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.conf import delivery_settings
from delivery.engine.engine import Engine
from delivery.engine.sweep import look
from delivery.http.transport import Transport
from delivery.models import Delivery, Webhook
from delivery.pace import Pace
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.invariants import broken_rules
from tests.services.receiver import Receiver
from tests.services.valkey import ValkeyServer
from tests.work import subscribe

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def webhook(owner: models.Model) -> Webhook:
    """Return a webhook that may be sent five requests in a minute."""
    return subscribe(owner, "http://127.0.0.1:4/in", max_requests_per_minute=5)


def test_all_processes_share_the_pace_of_a_webhook(webhook: Webhook, valkey: ValkeyServer) -> None:
    one, other = Pace(valkey.url), Pace(valkey.url)

    taken = [pace.take(webhook, wanted=2) for pace in (one, other, one, other)]

    assert taken == [2, 2, 1, 0]


def test_webhooks_have_a_pace_each(owner: models.Model, webhook: Webhook) -> None:
    pace = Pace()
    other = subscribe(owner, "http://127.0.0.1:4/other", max_requests_per_minute=3)
    free = subscribe(owner, "http://127.0.0.1:4/free")

    assert pace.take(webhook, wanted=100) == 5
    assert pace.take(other, wanted=100) == 3
    assert [pace.take(free, wanted=100) for _ in range(3)] == [100] * 3


def test_no_window_has_more_than_it_may_wherever_it_begins(webhook: Webhook) -> None:
    pace = Pace(window=SECOND)
    taken_at: list[float] = []

    while not taken_at or time.monotonic() < taken_at[0] + 2.2:
        count = pace.take(webhook, wanted=2)
        taken_at += [time.monotonic()] * count
        time.sleep(0.01)

    assert len(taken_at) >= 10
    # The sixth from each on is a second later, but for how exactly times are kept.
    pairs = zip(taken_at, taken_at[5:], strict=False)
    assert all(later - earlier > 0.98 for earlier, later in pairs)


def test_each_process_keeps_the_pace_by_itself_while_redis_is_away(
    webhook: Webhook, valkey: ValkeyServer
) -> None:
    pace = Pace(valkey.url)

    with valkey.outage():
        taken = [pace.take(webhook, wanted=4) for _ in range(3)]

    assert taken == [4, 1, 0]


def at(now: datetime, pace: Pace) -> None:
    """Send what may be sent at a moment."""
    engine = Engine(
        transport=Transport(rules=delivery_settings().endpoint_rules),
        max_senders=8,
        clock=lambda: now,
        random=Random(0),
        pace=pace,
    )
    engine.run_until_idle()
    engine.stop()


def test_what_is_too_fast_waits_and_spends_no_attempt(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"), max_requests_per_minute=5)
    for _ in range(12):
        publish(Ping(), owner=owner)
    actors.fan_out()
    # A minute of a second.
    pace, now = Pace(window=SECOND), timezone.now()

    at(now, pace)

    assert len(receiver.requests("/in")) == 5
    assert Delivery.objects.waiting().filter(attempt_count=0, crashes=0).count() == 7
    assert broken_rules() == []
    assert not look(now=now).deliveries_due
    while Delivery.objects.waiting().exists():
        sent = len(receiver.requests("/in"))
        now += timedelta(seconds=12)
        assert look(now=now).probes_due
        time.sleep(1)
        at(now, pace)
        assert 0 < len(receiver.requests("/in")) - sent <= 5
    assert len(receiver.requests("/in")) == 12
    assert Webhook.objects.get().probe_at is None


def test_a_pace_concerns_no_other_webhook(owner: models.Model, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/slowly"), max_requests_per_minute=1)
    subscribe(owner, receiver.url("/in"))
    for _ in range(20):
        publish(Ping(), owner=owner)
    actors.fan_out()

    at(timezone.now(), Pace())

    assert len(receiver.requests("/slowly")) == 1
    assert len(receiver.requests("/in")) == 20
