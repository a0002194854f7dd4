"""Who comes while much waits to be fanned out, and what keeps its order meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

import pytest
from django.db import models
from django.test import override_settings
from django.utils import timezone

from delivery.fanout import FannedOut, audience, fan_out_steps, steps
from delivery.models import Delivery, Webhook
from events.models import EventRecord
from events.publishing import EVERYONE, publish, publish_many
from events.webhooks import Ping
from tests.delivery.packages import SHIPPED, shipped
from tests.work import subscribe

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:4/{}"
ASKED: Counter[UUID] = Counter()


def fan_out() -> Iterator[FannedOut]:
    return fan_out_steps(clock=timezone.now)


def take(steps: Iterator[FannedOut], count: int) -> None:
    assert len(list(islice(steps, count))) == count


def has_waiting(owner: models.Model) -> bool:
    return EventRecord.objects.waiting_for_fan_out().filter(owner=owner.pk).exists()


def test_who_publishes_one_event_does_not_wait_for_the_many_of_another(
    owner: models.Model, other_owner: models.Model
) -> None:
    subscribe(owner, URL.format("many"))
    subscribe(other_owner, URL.format("one"))
    publish_many([Ping()] * 300, owner=owner)
    publish(Ping(), owner=other_owner)

    take(fan_out(), 2)

    assert Delivery.objects.filter(owner=other_owner.pk).exists()
    assert has_waiting(owner)


def test_who_publishes_one_event_does_not_wait_for_the_many_webhooks_of_another(
    owner: models.Model, other_owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "_MOST_SUBSCRIPTIONS", 50)
    for number in range(250):
        subscribe(owner, URL.format(number))
    subscribe(other_owner, URL.format("one"))
    publish(Ping(), owner=owner)
    publish(Ping(), owner=other_owner)
    publish(Ping(), owner=owner)

    take(fan_out(), 5)

    assert Delivery.objects.filter(owner=other_owner.pk).exists()
    assert has_waiting(owner)


@pytest.mark.parametrize("many", [Ping(), shipped(1)], ids=["unordered", "ordered"])
def test_who_comes_while_a_backlog_is_worked_off_does_not_wait_for_the_rest(
    owner: models.Model, other_owner: models.Model, many: Ping
) -> None:
    subscribe(owner, URL.format("many"), SHIPPED, "ping")
    subscribe(other_owner, URL.format("one"))
    publish_many([many] * 800, owner=owner)
    under_way = fan_out()
    take(under_way, 4)

    publish(Ping(), owner=other_owner)
    take(under_way, 2)

    assert Delivery.objects.filter(owner=other_owner.pk).exists()
    assert has_waiting(owner)


def test_all_of_a_backlog_is_fanned_out_once(
    owner: models.Model, other_owner: models.Model
) -> None:
    for each in (owner, other_owner):
        subscribe(each, URL.format("in"), SHIPPED, "ping")
        publish_many([Ping(), shipped(1)] * 150, owner=each)
        publish_many([shipped(1)] * 5, owner=EVERYONE)

    made = sum(done.deliveries for done in fan_out())

    assert made == Delivery.objects.count() == 620
    assert not EventRecord.objects.waiting_for_fan_out().exists()


@pytest.mark.parametrize("most", [7, 2_000])
def test_deliveries_of_a_key_are_in_order_whichever_end_of_a_backlog_is_taken(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(steps, "_MOST_CANDIDATES", most)
    subscribe(owner, URL.format("in"), SHIPPED)
    for number in range(60):
        publish_many([shipped(package, number=number) for package in range(5)], owner=owner)
        publish(shipped(number % 5), owner=EVERYONE)

    for _ in fan_out():
        pass

    for key in EventRecord.objects.values_list("ordering_key", flat=True).distinct():
        of_key = Delivery.objects.filter(ordering_key=key).order_by("due_at", "pk")
        events = list(of_key.values_list("event", flat=True))
        assert len(events) == 72
        assert events == sorted(events)


def test_events_that_are_taken_together_keep_their_order(owner: models.Model) -> None:
    subscribe(owner, URL.format("in"))
    records = publish_many([Ping()] * 200, owner=owner)

    take(fan_out(), 2)

    made = Delivery.objects.order_by("due_at").values_list("event", flat=True)
    assert list(made) == [record.pk for record in records]


def fail_on_some(webhooks: models.QuerySet[Webhook], event: EventRecord) -> object:
    """Fail on what says so, as a webhook finder with a mistake in it."""
    ASKED[event.pk] += 1
    if "fail" in event.payload:
        raise ZeroDivisionError
    return webhooks


@pytest.mark.parametrize("count", [60, 61], ids=["even", "odd"])
@override_settings(WEBHOOK_FINDER=f"{__name__}.fail_on_some")
def test_the_finder_is_asked_once_about_each_event_at_either_end_of_a_backlog(
    owner: models.Model, count: int
) -> None:
    ASKED.clear()
    subscribe(owner, URL.format("in"))
    failing, fine = [Ping(message="fail")] * 3, [Ping()] * 60
    records = publish_many([*failing, *fine, *failing, *[Ping()] * count, *failing], owner=owner)

    for _ in fan_out():
        pass

    assert Counter(record.pk for record in records) == ASKED
    assert Delivery.objects.count() == 60 + count
    assert EventRecord.objects.waiting_for_fan_out().count() == 9


def test_an_event_that_is_half_done_goes_on_where_it_stopped_though_another_is_before_it(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        subscribe(owner, URL.format(number))
    late, half_done = publish_many([Ping()] * 2, owner=owner)
    with monkeypatch.context() as patched:
        patched.setattr(audience, "_MOST_SUBSCRIPTIONS", 4)
        made = next(fan_out_steps(clock=timezone.now, events=[half_done.pk])).deliveries

    made += sum(done.deliveries for done in fan_out())

    assert made == Delivery.objects.count() == 20
    assert Delivery.objects.filter(event=late).count() == 10
