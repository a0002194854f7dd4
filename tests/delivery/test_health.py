"""Suspension: webhooks whose endpoint is gone, or has accepted nothing for too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from delivery.models import Delivery, Webhook
from delivery.retry import FixedRetryPolicy
from delivery.webhook_states import resume_webhook
from delivery.webhooks import update_webhook
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db

PATIENT = FixedRetryPolicy(max_attempts=50, delay=timedelta(days=1))
ONCE = FixedRetryPolicy(max_attempts=1, delay=timedelta(days=1))


def failing(
    owner: models.Model, receiver: Receiver, *, policy: FixedRetryPolicy = PATIENT
) -> Webhook:
    """Make a webhook whose first request has just failed."""
    receiver.answers(500)
    webhook = subscribe(owner, receiver.url("/in"), retry_policy=policy)
    publish(Ping(), owner=owner)
    deliver()
    return webhook


def status(webhook: Webhook) -> str:
    webhook.refresh_from_db()
    return webhook.status


def test_r20_a_410_suspends_the_webhook_at_once_and_says_why(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(410)
    webhook = subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    now = later(seconds=1)

    deliver(now=now)

    assert status(webhook) == Webhook.Status.SUSPENDED
    assert webhook.status_reason == "The endpoint answered with status 410: it is gone for good."
    assert (webhook.version, webhook.updated_at) == (2, now)


def test_r20_failures_without_a_success_suspend_the_webhook_in_the_end(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = failing(owner, receiver)
    status(webhook)
    assert webhook.failing_since

    deliver(now=webhook.failing_since + timedelta(days=5))
    assert status(webhook) == Webhook.Status.ACTIVE

    deliver(now=webhook.failing_since + timedelta(days=6, seconds=1))
    assert status(webhook) == Webhook.Status.SUSPENDED
    assert webhook.status_reason == (
        f"The endpoint has accepted nothing since {webhook.failing_since:%Y-%m-%d %H:%M} UTC."
    )


def test_how_long_it_may_fail_is_a_setting(
    owner: models.Model, receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOK_SUSPEND_AFTER = timedelta(hours=1)
    webhook = failing(owner, receiver)

    deliver(now=later(days=1, minutes=1))

    assert status(webhook) == Webhook.Status.SUSPENDED


def test_a_success_in_between_begins_the_time_anew(owner: models.Model, receiver: Receiver) -> None:
    webhook = failing(owner, receiver)
    receiver.answers(200)
    deliver(now=later(days=3))
    assert status(webhook) == Webhook.Status.ACTIVE
    assert webhook.failing_since is None
    receiver.answers(500)
    publish(Ping(), owner=owner)

    deliver(now=later(days=6))

    began_anew = Webhook.objects.get().failing_since
    assert status(webhook) == Webhook.Status.ACTIVE
    assert began_anew
    assert began_anew > later(days=5)


def test_a_success_that_was_recorded_unawares_counts_as_well(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = failing(owner, receiver, policy=ONCE)
    begun = timezone.now()
    receiver.answers_in_turn([200, 500])
    publish(Ping(), owner=owner)
    deliver(now=later(seconds=1))
    # As if whoever recorded it had claimed it before the webhook began to fail.
    Webhook.objects.update(failing_since=begun)
    publish(Ping(), owner=owner)
    now = later(days=6)

    deliver(now=now)

    assert status(webhook) == Webhook.Status.ACTIVE
    assert webhook.failing_since == now


def test_what_waits_is_kept_unsent_and_a_resume_sends_it(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(410)
    webhook = subscribe(owner, receiver.url("/in"), max_in_flight=1)
    for _ in range(3):
        publish(Ping(), owner=owner)
    deliver()
    deliver(now=later(days=30))
    assert len(receiver.requests("/in")) == 1
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {None}
    assert not Delivery.objects.exclude(status__in=["pending", "retrying"]).exists()
    receiver.answers(200)

    resumed = resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())

    assert (resumed.status, resumed.status_reason) == (Webhook.Status.ACTIVE, "")
    assert resumed.failing_since is None
    deliver()
    assert {each.status for each in Delivery.objects.filter(event__event_type="ping")} == {
        Delivery.Status.SUCCEEDED
    }


def test_a_410_after_which_the_policy_gives_up_ends_its_delivery(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(410)
    subscribe(owner, receiver.url("/in"), retry_policy=ONCE)
    publish(Ping(), owner=owner)

    deliver()

    assert Delivery.objects.get().status == Delivery.Status.FAILED


def test_events_of_the_time_of_suspension_are_not_delivered_later(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(410)
    webhook = subscribe(owner, receiver.url("/in"))
    publish(Ping(message="before"), owner=owner)
    deliver()
    publish(Ping(message="meanwhile"), owner=owner)
    receiver.answers(200)

    resume_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    deliver()

    told = [request.json()["data"]["message"] for request in receiver.requests("/in")]
    assert told == ["before", "before"]


def test_r20_another_webhook_of_the_owner_can_be_told(
    owner: models.Model, other_owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(410, path="/gone")
    webhook = subscribe(owner, receiver.url("/gone"))
    subscribe(owner, receiver.url("/told"), "webhook.suspended")
    subscribe(other_owner, receiver.url("/stranger"), "webhook.suspended")
    publish(Ping(), owner=owner)
    now = later(seconds=1)

    deliver(now=now)
    deliver()

    [request] = receiver.requests("/told")
    assert request.json()["type"] == "webhook.suspended"
    assert request.json()["data"] == {
        "webhook_id": webhook.public_id,
        "name": "A webhook",
        "reason": "The endpoint answered with status 410: it is gone for good.",
        "suspended_at": now.isoformat().replace("+00:00", "Z"),
    }
    assert not receiver.requests("/stranger")


def test_several_410s_at_once_suspend_once(owner: models.Model, receiver: Receiver) -> None:
    receiver.answers(410)
    webhook = subscribe(owner, receiver.url("/in"))
    for _ in range(10):
        publish(Ping(), owner=owner)

    deliver()

    assert status(webhook) == Webhook.Status.SUSPENDED
    assert webhook.version == 2
    assert EventRecord.objects.filter(event_type="webhook.suspended").count() == 1


def test_a_new_url_begins_with_a_clean_slate(owner: models.Model, receiver: Receiver) -> None:
    webhook = failing(owner, receiver)

    update_webhook(
        owner=owner,
        webhook_id=webhook.pk,
        change=lambda spec: replace(spec, url=receiver.url("/new")),
        now=timezone.now(),
    )

    assert status(webhook) == Webhook.Status.ACTIVE
    assert webhook.failing_since is None


def test_health_costs_one_statement_when_it_changes(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"), retry_policy=PATIENT)

    def send(answer: int) -> int:
        receiver.answers(answer)
        Delivery.objects.all().delete()
        publish(Ping(), owner=owner)
        with CaptureQueriesContext(connection) as queries:
            deliver()
        return len(queries)

    calm = send(200)
    failures = [send(500), send(500)]
    recovery, calm_again = send(200), send(200)

    assert [*failures, recovery] == [calm + 1] * 3
    assert calm_again == calm
