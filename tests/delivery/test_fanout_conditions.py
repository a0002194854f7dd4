"""From events to the deliveries that conditions allow."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery import actors
from delivery.conditions import PayloadCondition, PayloadMatch
from delivery.fanout import audience, fan_out_step, steps
from delivery.models import Delivery, EventSubscription, Webhook
from delivery.webhook_rules import EventSubscriptionSpec
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
from tests.work import subscribe

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:4/{}"


def saying(message: str, *, match: str = "is", selection: str = "") -> EventSubscriptionSpec:
    wanted = PayloadCondition(path="message", match=PayloadMatch(match), value=message)
    return EventSubscriptionSpec(event_type="ping", conditions=(wanted,), selection=selection)


def ping(owner: models.Model, *messages: str) -> None:
    for message in messages:
        publish(Ping(message=message), owner=owner)


def fan_out_all() -> list[int]:
    """Return how many deliveries each step has made."""
    made = []
    while (done := fan_out_step(now=timezone.now())).records:
        made.append(done.deliveries)
    return made


def told(webhook: Webhook) -> list[str]:
    rows = Delivery.objects.filter(webhook=webhook).order_by("event")
    return [row.event.payload for row in rows.select_related("event")]


def test_an_event_that_meets_no_condition_is_done_with(owner: models.Model) -> None:
    subscribe(owner, URL.format(1), saying("yes"))
    ping(owner, "no")

    fan_out_all()

    assert not Delivery.objects.exists()
    assert not EventRecord.objects.waiting_for_fan_out().exists()


def test_d18_r13_the_same_type_twice_means_either_and_one_delivery(owner: models.Model) -> None:
    webhook = subscribe(owner, URL.format(1), saying("a"), saying("a", match="starts_with"))
    ping(owner, "a", "ab", "b")

    fan_out_all()

    assert told(webhook) == ['{"message":"a"}', '{"message":"ab"}']


def test_the_first_subscription_whose_conditions_are_met_gives_the_selection(
    owner: models.Model,
) -> None:
    # Stored as it is, for what a selection is to this test is any text.
    webhook = subscribe(owner, URL.format(1), saying("a"), saying("b"), "ping")
    for row, selection in zip(webhook.event_subscriptions.all(), ("first", "second"), strict=False):
        EventSubscription.objects.filter(pk=row.pk).update(selection=selection)
    ping(owner, "a", "b", "c")

    fan_out_all()

    chosen = Delivery.objects.order_by("event").values_list("selection", flat=True)
    assert list(chosen) == ["first", "second", ""]


def test_a_delivery_keeps_the_format_that_its_webhook_had(owner: models.Model) -> None:
    webhook = subscribe(owner, URL.format(1))
    Webhook.objects.filter(pk=webhook.pk).update(payload_format="another")
    ping(owner, "a")

    fan_out_all()
    Webhook.objects.filter(pk=webhook.pk).update(payload_format="standard")

    assert Delivery.objects.get().payload_format == "another"


def test_r13_each_of_many_webhooks_gets_what_it_asked_for(owner: models.Model) -> None:
    webhooks = {name: subscribe(owner, URL.format(name), saying(name)) for name in "abcdef"}
    ping(owner, *webhooks)

    fan_out_all()

    assert {name: told(webhook) for name, webhook in webhooks.items()} == {
        name: [f'{{"message":"{name}"}}'] for name in webhooks
    }


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5, 7])
def test_the_subscriptions_of_a_webhook_are_not_split_between_steps(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(audience, "_MOST_SUBSCRIPTIONS", page)
    # Only the last of each webhook's subscriptions is met.
    webhooks = [
        subscribe(owner, URL.format(number), saying("a"), saying("b"), saying("c"))
        for number in range(4)
    ]
    ping(owner, "c", "a")

    fan_out_all()

    expected = ['{"message":"c"}', '{"message":"a"}']
    assert [told(webhook) for webhook in webhooks] == [expected] * 4
    assert not EventRecord.objects.waiting_for_fan_out().exists()


def test_a_step_tries_a_bounded_number_of_conditions(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_MOST_CANDIDATES", 5)
    for number in range(3):
        subscribe(owner, URL.format(number), saying("never"))
    ping(owner, "a", "b", "c", "d")

    assert fan_out_all() == [0, 0, 0, 0]


def test_conditions_that_take_long_are_tried_in_short_steps_and_hold_up_no_other_event(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_LONGEST_SECONDS", 0)
    for number in range(3):
        subscribe(owner, URL.format(number), saying("b"), saying("a"))
    ping(owner, "a", "a")

    actors.fan_out()
    assert sorted(Delivery.objects.values_list("event", flat=True)) == sorted(
        EventRecord.objects.values_list("pk", flat=True)
    )

    actors.fan_out()
    actors.fan_out()
    assert Delivery.objects.values("event", "webhook").distinct().count() == 6
    assert not EventRecord.objects.waiting_for_fan_out().exists()


def test_a_payload_is_not_looked_at_for_who_wants_every_event(owner: models.Model) -> None:
    every = subscribe(owner, URL.format("every"))
    some = subscribe(owner, URL.format("some"), saying("a"))
    ping(owner, "a")
    EventRecord.objects.update(payload="no JSON")

    fan_out_all()

    assert told(every) == ["no JSON"]
    assert told(some) == []


def test_d19_what_cannot_be_read_holds_up_nobody(
    owner: models.Model, caplog: pytest.LogCaptureFixture
) -> None:
    broken = subscribe(owner, URL.format("broken"), saying("a"))
    EventSubscription.objects.filter(webhook=broken).update(conditions="broken by hand")
    fine = subscribe(owner, URL.format("fine"), saying("a"))
    ping(owner, "a")

    fan_out_all()

    assert told(fine) == ['{"message":"a"}']
    assert told(broken) == []
    assert "broken by hand" in caplog.text


def test_the_number_of_statements_grows_with_neither_webhooks_nor_conditions(
    owner: models.Model,
) -> None:
    counts: list[Any] = []
    for size in (2, 40):
        for number in range(size):
            subscribe(owner, URL.format(f"{size}/{number}"), saying("a"), saying(str(number)))
        ping(owner, "a")
        with CaptureQueriesContext(connection) as queries:
            fan_out_step(now=timezone.now())
        counts.append(len(queries))

    assert counts[0] == counts[1]
