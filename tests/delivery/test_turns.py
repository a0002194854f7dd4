"""Turns: however much waits for one owner, the others come in between."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import models
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery import actors
from delivery.deliveries import retry_delivery
from delivery.engine.claim import claim_due
from delivery.models import Delivery
from events.publishing import publish
from events.webhooks import Ping
from tests.work import later, make_owner, subscribe

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:4/in"


def publish_pings(owner: models.Model, count: int) -> None:
    for _ in range(count):
        publish(Ping(), owner=owner)
    actors.fan_out()


def let_much_wait(owner: models.Model) -> None:
    for number in range(20):
        subscribe(owner, f"{URL}/{number}")
    publish_pings(owner, 10)


def claimed_owners(limit: int) -> list[object]:
    claimed = claim_due(now=later(seconds=1), limit=limit)
    return [claimed.webhooks[claim.webhook_id].owner_id for claim in claimed.claims]


def test_who_has_little_waits_for_none_of_what_others_have(
    owner: models.Model, other_owner: models.Model
) -> None:
    let_much_wait(owner)
    subscribe(other_owner, URL)

    publish_pings(other_owner, 1)

    assert other_owner.pk in claimed_owners(2)


def test_what_came_before_is_sent_before_within_an_owner(owner: models.Model) -> None:
    subscribe(owner, URL, max_in_flight=100)
    publish_pings(owner, 3)
    claim_due(now=timezone.now(), limit=1)
    publish_pings(owner, 3)

    claimed = claim_due(now=later(seconds=1), limit=100)

    ids = [claim.delivery_id for claim in claimed.claims]
    assert len(ids) == 5
    assert ids == sorted(ids)


def test_what_was_parked_and_is_wanted_now_waits_for_none_of_what_others_have(
    owner: models.Model, other_owner: models.Model
) -> None:
    let_much_wait(owner)
    subscribe(other_owner, URL)
    publish_pings(other_owner, 1)
    parked = Delivery.objects.get(owner=other_owner.pk)
    Delivery.objects.filter(pk=parked.pk).update(due_at=None)

    retry_delivery(owner=other_owner, delivery_id=parked.pk, now=timezone.now())

    assert other_owner.pk in claimed_owners(2)


@pytest.fixture
def owners(owner: models.Model, other_owner: models.Model) -> list[models.Model]:
    """Return three owners, each with a webhook that may have anything under way."""
    found = [owner, other_owner, make_owner("cyd")]
    for each in found:
        subscribe(each, URL, max_in_flight=100)
    return found


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20
)
@given(batches=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 12)), max_size=8))
def test_owners_take_turns_whoever_came_first_with_however_much(
    owners: list[models.Model], batches: list[tuple[int, int]]
) -> None:
    Delivery.objects.all().delete()
    wanted: Counter[object] = Counter()
    for index, count in batches:
        publish_pings(owners[index], count)
        wanted[owners[index].pk] += count
    served: Counter[object] = Counter()

    while owner_ids := claimed_owners(1):
        served[owner_ids[0]] += 1
        counts = [served[pk] for pk, count in wanted.items() if served[pk] < count]
        assert not counts or max(counts) - min(counts) <= 1

    assert served == wanted


def test_what_was_tried_before_leaves_room_for_what_is_fresh_and_the_other_way_round(
    owner: models.Model, other_owner: models.Model
) -> None:
    for each in (owner, other_owner):
        subscribe(each, URL, max_in_flight=100)
    publish_pings(owner, 20)
    Delivery.objects.update(status=Delivery.Status.RETRYING, attempt_count=1)
    publish_pings(other_owner, 20)

    first, second = Counter(claimed_owners(10)), Counter(claimed_owners(100))

    assert first == {owner.pk: 5, other_owner.pk: 5}
    assert second == {owner.pk: 15, other_owner.pk: 15}


def test_a_webhook_that_our_clock_says_is_still_to_be_made_has_its_turn(
    owner: models.Model,
) -> None:
    webhook = subscribe(owner, URL, now=later(hours=1))

    publish_pings(owner, 1)

    assert Delivery.objects.get().webhook == webhook
    assert claimed_owners(1) == [owner.pk]
