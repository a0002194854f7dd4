"""Owners whose rows are locked, or deleted, while their deliveries are made and sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from delivery import actors
from delivery.inserting import insert
from delivery.models import Attempt, Delivery, Webhook
from events.models import EventRecord
from events.publishing import EVERYONE, publish
from events.webhooks import Ping
from tests.delivery.engine.hands import elsewhere, in_thread
from tests.services.receiver import Receiver
from tests.work import deliver, make_engine, subscribe

pytestmark = pytest.mark.django_db(transaction=True)

needs_locks_on_rows = pytest.mark.skipif(
    not connection.features.has_select_for_update, reason="No row is locked by itself."
)


def publish_to(receiver: Receiver, *owners: models.Model) -> None:
    for owner in owners:
        subscribe(owner, receiver.url("/in"))
        publish(Ping(), owner=owner)


def is_over_while_locked(owner: models.Model, work: Callable[[], object]) -> bool:
    """Tell whether something ends while a transaction of the project has locked an owner."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        working = elsewhere(work)
        working.join(timeout=20)
        is_over = not working.is_alive()
    working.join()
    return is_over


@needs_locks_on_rows
def test_while_an_owner_is_locked_deliveries_are_made_for_them_and_others(
    owner: models.Model, other_owner: models.Model, receiver: Receiver
) -> None:
    publish_to(receiver, owner, other_owner)

    assert is_over_while_locked(owner, actors.fan_out)

    assert Delivery.objects.count() == 2


@needs_locks_on_rows
def test_while_an_owner_is_locked_deliveries_of_them_and_others_are_sent_and_recorded(
    owner: models.Model, other_owner: models.Model, receiver: Receiver
) -> None:
    publish_to(receiver, owner, other_owner)
    actors.fan_out()

    assert is_over_while_locked(owner, deliver)

    assert len(receiver.requests("/in")) == 2
    assert set(Delivery.objects.values_list("status", flat=True)) == {"succeeded"}
    assert Attempt.objects.count() == 2


def test_an_owner_is_deleted_with_their_deliveries_and_attempts_and_no_others(
    owner: models.Model, other_owner: models.Model, receiver: Receiver
) -> None:
    publish_to(receiver, owner, other_owner)
    deliver()

    owner.delete()

    assert Delivery.objects.get().owner == other_owner
    assert Attempt.objects.get().owner == other_owner


def test_a_request_that_ends_when_its_owner_is_deleted_leaves_nothing_behind(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.hangs()
    publish_to(receiver, owner)
    actors.fan_out()
    engine = make_engine()
    working = in_thread(engine)
    receiver.wait_for(1)

    owner.delete()
    receiver.release()
    working.join()
    engine.stop()

    assert not Delivery.objects.exists()
    assert not Attempt.objects.exists()


def attempt() -> Attempt:
    delivery = Delivery.objects.get()
    return Attempt(
        owner_id=delivery.owner_id,
        delivery=delivery,
        number=1,
        outcome=Attempt.Outcome.SUCCEEDED,
        request_url="https://example.com/in",
        request_headers=[],
        started_at=timezone.now(),
        duration=timedelta(),
    )


def delivery_of_an_event_of_everyone() -> Delivery:
    webhook = Webhook.objects.get()
    event = EventRecord.objects.get(owner=None)
    return Delivery(owner_id=webhook.owner_id, event=event, webhook=webhook)


def insert_while_deleted(row: models.Model, owner: models.Model) -> None:
    with transaction.atomic():
        insert([row])
        elsewhere(owner.delete).join()


@needs_locks_on_rows
@pytest.mark.parametrize("make", [attempt, delivery_of_an_event_of_everyone])
def test_what_is_inserted_while_its_owner_is_deleted_is_refused(
    owner: models.Model, receiver: Receiver, make: Callable[[], models.Model]
) -> None:
    publish_to(receiver, owner)
    actors.fan_out()
    publish(Ping(), owner=EVERYONE)

    with pytest.raises(IntegrityError):
        insert_while_deleted(make(), owner)

    assert not User.objects.exists()
    assert not Delivery.objects.exists()
    assert not Attempt.objects.exists()
