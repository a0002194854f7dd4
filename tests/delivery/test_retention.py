"""What ended long ago is removed; what has not ended never is, however old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, product

import pytest
from django.db import models
from pytest_django import Settings

from delivery import actors
from delivery.conf import delivery_settings
from delivery.models import Attempt, Delivery, Webhook
from delivery.retention import Pruned, count_prunable, prune
from delivery.webhook_states import pause_webhook
from events.models import EventRecord
from events.publishing import EVERYONE, publish
from events.webhooks import Ping
from tests.api.rows import make_attempt, make_delivery
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

ENDED = (Delivery.Status.SUCCEEDED, Delivery.Status.FAILED, Delivery.Status.CANCELLED)
NOTHING = Pruned()


def prune_by_default(*, now: datetime) -> Pruned:
    """Remove what is older than the settings say."""
    return sum(prune(now=now, keep_for=delivery_settings().retention), start=NOTHING)


@pytest.fixture
def webhook(owner: models.Model) -> Webhook:
    return subscribe(owner, "https://example.com/webhooks")


def fanned_out(owner: models.Model) -> EventRecord:
    """Return the record of an event that nobody wanted."""
    record = publish(Ping(), owner=owner)
    EventRecord.objects.filter(pk=record.pk).update(fanned_out_at=record.recorded_at)
    return record


def ended(webhook: Webhook, *, count: int) -> list[EventRecord]:
    """Return records of events with a delivery each that succeeded at its second attempt."""
    records = [
        EventRecord(event_type="ping", payload="{}", occurred_at=later(), fanned_out_at=later())
        for _ in range(count)
    ]
    EventRecord.objects.bulk_create(records)
    deliveries = [
        Delivery(owner_id=webhook.owner_id, webhook=webhook, event=record, status="succeeded")
        for record in records
    ]
    Delivery.objects.bulk_create(deliveries)
    for delivery, number in product(deliveries, (1, 2)):
        make_attempt(delivery, number=number)
    return records


def test_w41_what_ended_is_removed_twelve_weeks_after_it_was_recorded(
    owner: models.Model, receiver: Receiver
) -> None:
    for path in ("/one", "/two"):
        subscribe(owner, receiver.url(path))
    publish(Ping(), owner=owner)
    deliver()

    assert prune_by_default(now=later(weeks=12, minutes=-1)) == NOTHING
    assert Attempt.objects.count() == 2

    removed = prune_by_default(now=later(weeks=12, minutes=1))

    assert removed == Pruned(events=1, deliveries=2, attempts=2)
    assert not EventRecord.objects.exists()
    assert not Delivery.objects.exists()
    assert not Attempt.objects.exists()
    assert Webhook.objects.count() == 2


def test_w41_each_step_removes_a_bounded_number_of_rows(webhook: Webhook) -> None:
    ended(webhook, count=450)

    steps = list(prune(now=later(weeks=13), keep_for=timedelta(weeks=12)))

    assert sum(steps, start=NOTHING) == Pruned(events=450, deliveries=450, attempts=900)
    assert max(step.deliveries for step in steps) == 200
    assert max(step.events for step in steps) <= 500
    assert prune_by_default(now=later(weeks=13)) == NOTHING


@pytest.mark.django_db
def test_more_events_than_one_page_holds_are_all_removed() -> None:
    EventRecord.objects.bulk_create(
        EventRecord(event_type="ping", payload="{}", occurred_at=later(), fanned_out_at=later())
        for _ in range(1_100)
    )

    steps = list(prune(now=later(weeks=13), keep_for=timedelta(weeks=12)))

    assert [step.events for step in steps] == [500, 500, 100]
    assert not EventRecord.objects.exists()


def test_the_setting_says_how_long(settings: Settings, owner: models.Model) -> None:
    settings.WEBHOOK_RETENTION = timedelta(days=3)
    fanned_out(owner)

    assert prune_by_default(now=later(days=3, minutes=-1)) == NOTHING
    assert prune_by_default(now=later(days=3, minutes=1)) == Pruned(events=1)


@pytest.mark.parametrize("keep_for", [timedelta.max, timedelta(weeks=52 * 100)], ids=str)
def test_what_is_kept_for_longer_than_there_were_clocks_is_kept(
    owner: models.Model, keep_for: timedelta
) -> None:
    fanned_out(owner)

    assert list(prune(now=later(), keep_for=keep_for)) == []


def test_the_age_is_that_of_the_record_and_not_of_what_it_tells(owner: models.Model) -> None:
    publish(Ping(), owner=owner, occurred_at=datetime(2001, 1, 1, tzinfo=UTC))
    actors.fan_out()

    assert prune_by_default(now=later()) == NOTHING


def test_only_events_whose_deliveries_have_all_ended_are_removed(webhook: Webhook) -> None:
    others = [subscribe(webhook.owner, f"https://example.com/{i}") for i in range(2)]
    expected = set()
    for is_fanned_out, count in product([True, False], [0, 1, 2]):
        for statuses in combinations_with_replacement(Delivery.Status, count):
            record = fanned_out(webhook.owner) if is_fanned_out else publish(Ping(), owner=EVERYONE)
            for each, status in zip(others, statuses, strict=False):
                make_attempt(make_delivery(each, event=record, status=status))
            if not is_fanned_out or not set(statuses) <= set(ENDED):
                expected.add(record.pk)
    kept = set(Delivery.objects.filter(event__in=expected).values_list("pk", flat=True))
    assert 0 < len(expected) < EventRecord.objects.count()

    prune_by_default(now=later(weeks=13))

    assert set(EventRecord.objects.values_list("pk", flat=True)) == expected
    assert set(Delivery.objects.values_list("pk", flat=True)) == kept
    assert set(Attempt.objects.values_list("delivery", flat=True)) == kept


def test_what_waits_on_a_paused_webhook_stays(owner: models.Model, webhook: Webhook) -> None:
    publish(Ping(), owner=owner)
    actors.fan_out()
    pause_webhook(owner=owner, webhook_id=webhook.pk, now=later())

    assert prune_by_default(now=later(weeks=500)) == NOTHING
    assert Delivery.objects.get().status == Delivery.Status.PENDING


def test_test_events_are_removed_too(owner: models.Model) -> None:
    record = fanned_out(owner)
    EventRecord.objects.filter(pk=record.pk).update(is_test=True)

    assert prune_by_default(now=later(weeks=13)) == Pruned(events=1)


def test_a_delivery_that_is_retried_meanwhile_stays_with_its_event(webhook: Webhook) -> None:
    ended(webhook, count=201)
    steps = prune(now=later(weeks=13), keep_for=timedelta(weeks=12))
    assert next(steps).deliveries == 200
    delivery = Delivery.objects.get()
    Delivery.objects.update(status=Delivery.Status.RETRYING)

    list(steps)

    assert EventRecord.objects.get().pk == delivery.event_id
    assert Delivery.objects.get() == delivery
    assert Attempt.objects.filter(delivery=delivery).count() == 2


def test_a_delivery_that_is_made_meanwhile_stays_with_its_event(webhook: Webhook) -> None:
    records = ended(webhook, count=201)
    steps = prune(now=later(weeks=13), keep_for=timedelta(weeks=12))
    next(steps)
    made = make_delivery(subscribe(webhook.owner, "https://example.com"), event=records[0])

    list(steps)

    assert EventRecord.objects.get() == records[0]
    assert made in Delivery.objects.all()


def test_two_at_once_remove_everything_once(webhook: Webhook) -> None:
    ended(webhook, count=450)
    one, other = (prune(now=later(weeks=13), keep_for=timedelta(weeks=12)) for _ in range(2))

    removed = [next(one), next(other), next(one), *other, *one]

    assert sum(removed, start=NOTHING) == Pruned(events=450, deliveries=450, attempts=900)
    assert not EventRecord.objects.exists()


def test_what_is_counted_is_what_is_then_removed(webhook: Webhook) -> None:
    ended(webhook, count=30)
    publish(Ping(), owner=webhook.owner)
    now = later(weeks=13)

    counted = count_prunable(now=now, keep_for=timedelta(weeks=12))

    assert counted == Pruned(events=30, deliveries=30, attempts=60)
    assert prune_by_default(now=now) == counted
