"""What is behind an event in its order that another worker fans out just now."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import connection, models, transaction
from django.test import override_settings
from django.utils import timezone

from delivery.fanout import fan_out_steps, steps
from delivery.models import Delivery
from events.models import EventRecord
from events.publishing import publish
from tests.delivery.packages import SHIPPED, shipped
from tests.work import subscribe

pytestmark = pytest.mark.django_db(transaction=True)

URL = "http://127.0.0.1:4/in"

two_at_once = pytest.mark.skipif(
    not connection.features.has_select_for_update_skip_locked,
    reason="Nobody passes over what another has locked.",
)


@contextmanager
def being_fanned_out(record: EventRecord) -> Iterator[threading.Event]:
    """Have another worker commit its fan-out of an event when it may, or at the end."""
    is_done, may_commit = threading.Event(), threading.Event()

    def fan_out() -> None:
        try:
            with transaction.atomic():
                next(fan_out_steps(clock=timezone.now, events=[record.pk]))
                is_done.set()
                may_commit.wait()
        finally:
            connection.close()

    thread = threading.Thread(target=fan_out)
    thread.start()
    try:
        assert is_done.wait(timeout=20)
        yield may_commit
    finally:
        may_commit.set()
        thread.join()


def events_told() -> list[EventRecord]:
    return [each.event for each in Delivery.objects.order_by("pk").select_related("event")]


def test_who_has_fanned_out_an_event_of_an_order_looks_for_the_next_one(
    owner: models.Model,
) -> None:
    subscribe(owner, URL, SHIPPED)
    first = publish(shipped(1), owner=owner)
    steps = fan_out_steps(clock=timezone.now)
    next(steps)

    second = publish(shipped(1), owner=owner)
    for _ in steps:
        pass

    assert events_told() == [first, second]


@two_at_once
def test_what_is_behind_an_event_that_another_worker_has_is_fanned_out_right_after_it(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However late the other one gets to run.
    monkeypatch.setattr(steps, "_MOST_WAITS", 10_000)
    subscribe(owner, URL, SHIPPED)
    first, second = (publish(shipped(1), owner=owner) for _ in range(2))

    with being_fanned_out(first) as may_commit:
        looks = iter([None, may_commit.set])

        def clock() -> datetime:
            if let_commit := next(looks, None):
                let_commit()
            return timezone.now()

        for _ in fan_out_steps(clock=clock):
            pass

    assert events_told() == [first, second]


@two_at_once
def test_an_event_that_another_worker_keeps_for_long_is_not_waited_for(
    owner: models.Model,
) -> None:
    subscribe(owner, URL, SHIPPED)
    first, second, third = (publish(shipped(package), owner=owner) for package in (1, 1, 2))

    with being_fanned_out(first):
        for _ in fan_out_steps(clock=timezone.now):
            pass
        meanwhile = events_told()

    assert meanwhile == [third]
    assert list(EventRecord.objects.waiting_for_fan_out()) == [second]


@override_settings(WEBHOOK_FINDER=f"{__name__}.find_nothing")
def test_what_is_behind_an_event_that_the_finder_fails_on_is_looked_at_once(
    owner: models.Model,
) -> None:
    subscribe(owner, URL, SHIPPED)
    records = [publish(shipped(1), owner=owner) for _ in range(2)]

    steps = list(fan_out_steps(clock=timezone.now))

    assert [done.left_out for done in steps] == [record.pk for record in records]


def find_nothing(webhooks: object, event: EventRecord) -> object:
    """Fail, as a webhook finder with a mistake in it."""
    raise ZeroDivisionError(webhooks, event)
