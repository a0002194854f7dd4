"""Parking: however much waits for an endpoint, nobody else is held up by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, models
from django.utils import timezone

from delivery import actors, parking
from delivery.breaker import FIRST_PAUSE, OPENS_AFTER
from delivery.engine.claim import claim_due
from delivery.engine.sweep import look
from delivery.models import Delivery, Webhook
from delivery.parking import PROBE_LOST_AFTER, tend_parked
from delivery.webhook_states import pause_webhook, resume_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.breaking import at_probe, opened, states
from tests.delivery.invariants import broken_rules
from tests.services.receiver import Receiver
from tests.work import LEASE, deliver, later, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> int:
    """Have parts of three deliveries, so that few are many."""
    monkeypatch.setattr(parking, "PART", 3)
    return 3


def publish_and_rest(owner: models.Model, url: str, *, events: int) -> Webhook:
    """Return a webhook that came to rest while some deliveries were due."""
    webhook = subscribe(owner, url)
    for _ in range(events):
        publish(Ping(), owner=owner)
    actors.fan_out()
    probe_at = timezone.now() + FIRST_PAUSE
    Webhook.objects.filter(pk=webhook.pk).update(circuit="open", probe_at=probe_at)
    return webhook


def parked() -> int:
    return Delivery.objects.parked().count()


def test_what_is_due_at_a_webhook_at_rest_is_parked(
    owner: models.Model, receiver: Receiver
) -> None:
    publish_and_rest(owner, receiver.url("/in"), events=7)

    deliver()

    assert parked() == 7
    assert not receiver.requests("/in")
    assert broken_rules() == []
    assert not look(now=timezone.now()).deliveries_due


def test_what_was_parked_is_sent_on_part_by_part(
    owner: models.Model, receiver: Receiver, small_parts: int
) -> None:
    webhook = opened(owner, receiver, waiting=small_parts * 2)
    now = timezone.now()
    count = parked()

    resume_webhook(owner=owner, webhook_id=webhook.pk, now=now)

    assert count > small_parts
    assert parked() == count - small_parts
    assert broken_rules() == []
    waiting = Delivery.objects.waiting().count()
    receiver.answers(200)
    deliver(now=later(seconds=5))
    assert len(receiver.requests("/in")) == OPENS_AFTER + waiting
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_all_that_was_parked_is_sent_after_the_probe_in_however_many_parts(
    owner: models.Model, receiver: Receiver, small_parts: int
) -> None:
    webhook = opened(owner, receiver, waiting=small_parts * 4)
    receiver.answers(200)

    deliver(now=at_probe(webhook))

    assert broken_rules() == []
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def pause(owner: models.Model, webhook: Webhook) -> None:
    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())


def break_again(owner: models.Model, webhook: Webhook) -> None:  # noqa: ARG001 - as the other
    Webhook.objects.filter(pk=webhook.pk).update(circuit="open", probe_at=later(seconds=30))


@pytest.mark.parametrize("interrupt", [pause, break_again])
def test_what_comes_between_two_parts_stops_the_rest(
    owner: models.Model,
    receiver: Receiver,
    small_parts: int,
    interrupt: Callable[[models.Model, Webhook], None],
) -> None:
    webhook = opened(owner, receiver)
    assert parked() > small_parts
    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())

    interrupt(owner, webhook)
    deliver()

    assert len(receiver.requests("/in")) == OPENS_AFTER
    assert broken_rules() == []
    receiver.answers(200)
    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    deliver(now=later(seconds=5))
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_claims_get_past_webhooks_at_rest_however_much_is_due_there(
    owner: models.Model, other_owner: models.Model
) -> None:
    publish_and_rest(owner, "http://127.0.0.1:4/in", events=3)
    good = subscribe(other_owner, "http://127.0.0.1:4/good")
    publish(Ping(), owner=other_owner)
    actors.fan_out()

    claimed = [claim_due(now=timezone.now(), limit=1) for _ in range(4)]

    found = [claim.webhook_id for each in claimed for claim in each.claims]
    assert found == [good.pk]
    assert not any(each.is_all for each in claimed)


def test_what_is_more_than_may_be_under_way_waits_apart_and_is_sent_as_that_ends(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), max_in_flight=2)
    for _ in range(9):
        publish(Ping(), owner=owner)
    actors.fan_out()

    claim_due(now=timezone.now(), limit=9)

    assert parked() == 7
    assert broken_rules() == []
    deliver()
    assert not receiver.requests("/in")
    # As if their worker had died.
    deliver(now=later(seconds=LEASE.total_seconds() + 1))
    assert len(receiver.requests("/in")) == 9
    webhook.refresh_from_db()
    assert webhook.probe_at is None
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_what_was_left_behind_is_sent_on_after_a_while(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"), max_in_flight=1)
    for _ in range(3):
        publish(Ping(), owner=owner)
    actors.fan_out()
    [claim] = claim_due(now=timezone.now(), limit=3).claims
    Delivery.objects.get(pk=claim.delivery_id).delete()
    deliver()
    assert not receiver.requests("/in")

    now = timezone.now() + PROBE_LOST_AFTER
    assert look(now=now).probes_due
    deliver(now=now)

    assert len(receiver.requests("/in")) == 2
    assert states() == (Webhook.Circuit.CLOSED, 0, False)


def test_what_is_parked_while_the_lock_is_waited_for_can_be_the_probe(owner: models.Model) -> None:
    webhook = publish_and_rest(owner, "http://127.0.0.1:4/in", events=1)
    Delivery.objects.update(due_at=later(minutes=5))
    pending = [lambda: Delivery.objects.update(due_at=None)]

    def park(execute: Callable[..., object], sql: str, *call: object) -> object:
        result = execute(sql, *call)
        if pending and '"probe_at" <=' in sql and "ORDER BY" in sql:
            pending.pop()()
        return result

    with connection.execute_wrapper(park):
        tend_parked(now=at_probe(webhook))

    assert not pending
    assert broken_rules() == []
    assert Delivery.objects.get().due_at is not None


def test_looking_costs_one_statement_in_calm(
    owner: models.Model, django_assert_num_queries: Callable[..., object]
) -> None:
    subscribe(owner, "http://127.0.0.1:4/in")

    with django_assert_num_queries(1):  # type: ignore[attr-defined] # a context manager
        assert not tend_parked(now=timezone.now())
