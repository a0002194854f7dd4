"""From events to deliveries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.fanout import audience, fan_out_step, steps
from delivery.models import Delivery, Webhook
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from events.models import EventRecord
from events.publishing import EVERYONE, publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, make_owner, subscribe

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:4/{}"


def fan_out_all() -> None:
    while fan_out_step(now=timezone.now()).records:
        pass


def told() -> set[Webhook]:
    return {delivery.webhook for delivery in Delivery.objects.select_related("webhook")}


def test_r2_an_event_goes_to_the_webhooks_of_its_owner_only(
    owner: models.Model, other_owner: models.Model
) -> None:
    mine = subscribe(owner, URL.format("mine"))
    subscribe(other_owner, URL.format("theirs"))

    publish(Ping(), owner=owner)
    fan_out_all()

    assert told() == {mine}


def test_r3_an_event_for_everyone_goes_to_the_webhooks_of_all_owners(
    owner: models.Model, other_owner: models.Model
) -> None:
    both = {subscribe(owner, URL.format("mine")), subscribe(other_owner, URL.format("theirs"))}

    publish(Ping(), owner=EVERYONE)
    fan_out_all()

    assert told() == both
    assert {d.owner_id for d in Delivery.objects.all()} == {owner.pk, other_owner.pk}


def test_w16_only_webhooks_that_want_the_type_are_told(owner: models.Model) -> None:
    wanting = subscribe(owner, URL.format("ping"), "ping")
    subscribe(owner, URL.format("other"), "book.added")

    publish(Ping(), owner=owner)
    fan_out_all()

    assert told() == {wanting}


def test_r13_each_matching_webhook_gets_one_delivery_however_many_there_are(
    owner: models.Model,
) -> None:
    webhooks = {
        subscribe(owner, URL.format(i), *types)
        for i, types in enumerate([("ping",), ("ping", "book.added"), ("ping", "ping")])
    }

    publish(Ping(), owner=owner)
    publish(Ping(), owner=owner)
    fan_out_all()

    assert told() == webhooks
    assert Delivery.objects.count() == 6


def test_r13_an_event_that_nobody_wants_is_done_with(owner: models.Model) -> None:
    publish(Ping(), owner=owner)

    fan_out_all()

    assert not Delivery.objects.exists()
    assert not EventRecord.objects.waiting_for_fan_out().exists()


def test_a_second_fan_out_of_the_same_event_makes_no_second_delivery(owner: models.Model) -> None:
    subscribe(owner, URL.format(1))
    record = publish(Ping(), owner=owner)
    fan_out_all()
    EventRecord.objects.filter(pk=record.pk).update(fanned_out_at=None)

    fan_out_all()

    assert Delivery.objects.count() == 1


def test_a_webhook_made_after_the_event_is_not_told(owner: models.Model) -> None:
    publish(Ping(), owner=owner)
    subscribe(owner, URL.format(1), now=timezone.now())

    fan_out_all()

    assert told() == set()


def test_events_while_a_webhook_was_paused_are_not_sent_after_it_is_resumed(
    owner: models.Model,
) -> None:
    webhook = subscribe(owner, URL.format(1))
    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    publish(Ping(), owner=owner)
    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())

    fan_out_all()

    assert told() == set()


@pytest.mark.parametrize("stop", [pause_webhook, cancel_webhook])
def test_a_webhook_that_was_stopped_before_the_fan_out_is_not_told(
    owner: models.Model, stop: type
) -> None:
    webhook = subscribe(owner, URL.format(1))
    publish(Ping(), owner=owner)
    stop(owner=owner, webhook_id=webhook.pk, now=timezone.now())

    fan_out_all()

    assert told() == set()


def test_an_audience_larger_than_a_step_is_told_whole_and_once(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "_MOST_SUBSCRIPTIONS", 4)
    webhooks = {subscribe(owner, URL.format(i)) for i in range(10)}
    publish(Ping(), owner=owner)
    publish(Ping(), owner=owner)

    fan_out_all()

    assert told() == webhooks
    assert Delivery.objects.count() == 20


def test_a_step_makes_a_bounded_number_of_deliveries(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_MOST_CANDIDATES", 5)
    for i in range(3):
        subscribe(owner, URL.format(i))
    for _ in range(4):
        publish(Ping(), owner=owner)

    done = fan_out_step(now=timezone.now())
    made_by_first_step = Delivery.objects.count()
    fan_out_all()

    assert (done.records, done.deliveries, made_by_first_step) == (1, 3, 3)
    assert Delivery.objects.count() == 12


def test_the_number_of_statements_does_not_grow_with_the_audience(owner: models.Model) -> None:
    counts = []
    for size in (2, 40):
        for i in range(size):
            subscribe(owner, URL.format(f"{size}/{i}"))
        publish(Ping(), owner=owner)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            fan_out_step(now=timezone.now())
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_w21_a_rolled_back_publish_leaves_nothing(owner: models.Model) -> None:
    subscribe(owner, URL.format(1))

    def fail_after_publishing() -> None:
        with transaction.atomic():
            publish(Ping(), owner=owner)
            raise RuntimeError("The caller's transaction fails.")

    with pytest.raises(RuntimeError):
        fail_after_publishing()
    fan_out_all()

    assert not EventRecord.objects.exists()
    assert not Delivery.objects.exists()


def test_a_delivery_is_due_when_it_is_made(owner: models.Model) -> None:
    subscribe(owner, URL.format(1))
    publish(Ping(), owner=owner)
    now = timezone.now() + timedelta(minutes=1)

    fan_out_step(now=now)

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.created_at) == (Delivery.Status.PENDING, now)
    assert delivery.due_at == delivery.event.recorded_at


def test_who_is_known_to_fail_is_sent_to_after_the_others(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500, path="/failing")
    for path in ("/failing", "/first", "/second"):
        subscribe(owner, receiver.url(path))
    publish(Ping(), owner=owner)
    deliver()
    receiver.reset()

    publish(Ping(), owner=owner)
    deliver(max_senders=1)

    assert len(receiver.requests()) == 3
    assert receiver.requests()[-1].path == "/failing"


def test_many_owners_with_many_webhooks_take_few_steps(
    owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "_MOST_SUBSCRIPTIONS", 10)
    owners = [owner, *(make_owner(f"owner {i}") for i in range(15))]
    for each in owners:
        for i in range(2):
            subscribe(each, URL.format(i))
        publish(Ping(), owner=each)

    steps = 0
    while fan_out_step(now=timezone.now()).records:
        steps += 1

    assert Delivery.objects.count() == 32
    assert steps <= 6
