"""Retrying a delivery by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.deliveries import MOST_ATTEMPTS, retry_delivery
from delivery.errors import ErrorCode, Refused
from delivery.models import Attempt, Delivery, Webhook
from delivery.retry import FixedRetryPolicy
from delivery.webhook_states import cancel_webhook, pause_webhook
from events.ids import new_id
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db

ONCE = FixedRetryPolicy(max_attempts=1, delay=timedelta(seconds=60))
TWICE = FixedRetryPolicy(max_attempts=2, delay=timedelta(seconds=60))


def retry(owner: models.Model, *, only_if_ended: bool = False) -> Delivery:
    """Retry the only delivery there is."""
    return retry_delivery(
        owner=owner,
        delivery_id=Delivery.objects.get().pk,
        only_if_ended=only_if_ended,
        now=timezone.now(),
    )


def refusal(call: Callable[[], object]) -> tuple[ErrorCode, str]:
    with pytest.raises(Refused) as refused:
        call()
    [mistake] = refused.value.mistakes
    return mistake.code, mistake.message


def send(owner: models.Model, receiver: Receiver, policy: FixedRetryPolicy) -> Webhook:
    """Make a delivery, and the first attempt at it."""
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=policy)
    publish(Ping(message="hello"), owner=owner)
    deliver()
    return webhook


def test_w29_w37_what_failed_is_sent_again_with_the_same_id_and_body_and_no_new_event(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 200])
    send(owner, receiver, ONCE)
    assert Delivery.objects.get().status == Delivery.Status.FAILED

    retried = retry(owner)

    assert (retried.status, retried.completed_at) == (Delivery.Status.RETRYING, None)
    deliver()
    first, second = receiver.requests("/in")
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert EventRecord.objects.count() == 1
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempt_count) == (Delivery.Status.SUCCEEDED, 2)
    assert delivery.completed_at


def test_w37_success_and_failure_are_kept_with_status_content_and_duration(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500, body=b"no")
    send(owner, receiver, ONCE)
    retry(owner)
    deliver()
    receiver.answers(200, body=b"yes")
    retry(owner)
    deliver()

    attempts = Attempt.objects.order_by("number")
    assert [(each.number, each.status_code, each.response_body) for each in attempts] == [
        (1, 500, "no"),
        (2, 500, "no"),
        (3, 200, "yes"),
    ]
    assert all(each.duration > timedelta() for each in attempts)


def test_a_policy_that_is_exhausted_gives_up_again(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(500)
    send(owner, receiver, ONCE)

    retry(owner)
    deliver()
    deliver(now=later(days=30))

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempt_count) == (Delivery.Status.FAILED, 2)
    assert len(receiver.requests("/in")) == 2


def test_what_waits_for_its_next_attempt_has_it_now_and_none_beside_it(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 200])
    send(owner, receiver, TWICE)

    retry(owner)
    deliver()
    deliver(now=later(minutes=2))

    assert len(receiver.requests("/in")) == 2
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


def test_what_waits_for_its_first_attempt_has_it_now(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    actors.fan_out()
    Delivery.objects.update(due_at=later(hours=1))

    assert retry(owner).status == Delivery.Status.PENDING

    deliver()
    assert len(receiver.requests("/in")) == 1


def test_w37_with_only_if_ended_what_is_tried_again_by_itself_is_refused(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500)
    send(owner, receiver, TWICE)
    before = Delivery.objects.get().due_at

    code, message = refusal(lambda: retry(owner, only_if_ended=True))

    assert code is ErrorCode.WRONG_STATE
    assert "has not ended" in message
    assert Delivery.objects.get().due_at == before
    deliver(now=later(minutes=2))
    assert retry(owner, only_if_ended=True).status == Delivery.Status.RETRYING


def test_w29_w37_what_was_delivered_is_refused(owner: models.Model, receiver: Receiver) -> None:
    send(owner, receiver, ONCE)

    code, message = refusal(lambda: retry(owner))

    assert code is ErrorCode.WRONG_STATE
    assert "accepted" in message
    deliver()
    assert len(receiver.requests("/in")) == 1


def test_what_is_under_way_is_refused(owner: models.Model, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    actors.fan_out()
    Delivery.objects.update(status=Delivery.Status.SENDING, due_at=later(seconds=35))

    code, message = refusal(lambda: retry(owner))

    assert code is ErrorCode.WRONG_STATE
    assert "under way" in message


@pytest.mark.parametrize("only_if_ended", [False, True])
def test_a_webhook_that_sends_nothing_is_told_with_its_state(
    owner: models.Model, receiver: Receiver, only_if_ended: bool
) -> None:
    receiver.answers(500)
    webhook = send(owner, receiver, ONCE)

    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    assert refusal(lambda: retry(owner, only_if_ended=only_if_ended)) == (
        ErrorCode.WRONG_STATE,
        "Its webhook is paused. Resume it first.",
    )
    cancel_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    assert refusal(lambda: retry(owner, only_if_ended=only_if_ended)) == (
        ErrorCode.WRONG_STATE,
        "Its webhook is cancelled.",
    )


def test_a_suspended_webhook_is_told_as_well(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(410)
    send(owner, receiver, ONCE)

    code, message = refusal(lambda: retry(owner))

    assert (code, message) == (
        ErrorCode.WRONG_STATE,
        "Its webhook is suspended. Resume it first.",
    )


def test_w29_an_unknown_delivery_and_another_owners_are_not_found(
    owner: models.Model, other_owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500)
    send(owner, receiver, ONCE)

    unknown = refusal(lambda: retry_delivery(owner=owner, delivery_id=new_id(), now=timezone.now()))

    assert unknown == (ErrorCode.NOT_FOUND, "There is no such delivery.")
    assert refusal(lambda: retry(other_owner)) == unknown
    assert Delivery.objects.get().status == Delivery.Status.FAILED


def test_there_is_an_end_to_retries(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(500)
    send(owner, receiver, ONCE)
    Delivery.objects.update(attempt_count=MOST_ATTEMPTS - 1)

    retry(owner)
    deliver()

    code, message = refusal(lambda: retry(owner))
    assert code is ErrorCode.LIMIT_REACHED
    assert str(MOST_ATTEMPTS) in message
