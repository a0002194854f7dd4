"""Changing and stopping webhooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import models
from django.utils import timezone

from delivery.errors import ErrorCode, Refused
from delivery.models import Delivery, Webhook
from delivery.retry import FixedRetryPolicy, UnregisteredRetryPolicy
from delivery.webhook_rules import WebhookSpec
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from delivery.webhooks import create_webhook, update_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.work import LONG_AGO, deliver, subscribe, wanted_events

pytestmark = pytest.mark.django_db

SPEC = WebhookSpec(name="A webhook", url="https://example.com/in", events=wanted_events("ping"))


def mistakes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[ErrorCode, tuple[str, ...]]]:
    return [(mistake.code, mistake.path) for mistake in refused.value.mistakes]


def test_an_update_changes_what_it_names_and_counts_versions(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in", description="Kept")
    policy = FixedRetryPolicy(delay=timedelta(seconds=5))
    now = timezone.now()

    changed = update_webhook(
        owner=owner,
        webhook_id=webhook.pk,
        change=lambda spec: replace(spec, name="New", retry_policy=policy),
        now=now,
    )

    changed.refresh_from_db()
    assert (changed.name, changed.description) == ("New", "Kept")
    assert changed.policy == policy
    assert (changed.version, changed.updated_at) == (2, now)


def test_an_update_that_changes_nothing_is_no_new_version(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")

    update_webhook(owner=owner, webhook_id=webhook.pk, change=lambda spec: spec, now=LONG_AGO)

    webhook.refresh_from_db()
    assert webhook.version == 1


def test_an_update_of_an_older_version_is_a_conflict(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")

    with pytest.raises(Refused) as refused:
        update_webhook(
            owner=owner,
            webhook_id=webhook.pk,
            change=lambda spec: replace(spec, name="New"),
            expected_version=7,
            now=LONG_AGO,
        )

    assert mistakes(refused) == [(ErrorCode.CONFLICT, ("expected_version",))]


def test_w23_another_owners_webhook_does_not_exist(
    owner: models.Model, other_owner: models.Model
) -> None:
    webhook = subscribe(owner, "https://example.com/in")

    for act in (pause_webhook, resume_webhook, cancel_webhook):
        with pytest.raises(Refused) as refused:
            act(owner=other_owner, webhook_id=webhook.pk, now=LONG_AGO)
        assert mistakes(refused) == [(ErrorCode.NOT_FOUND, ())]
    webhook.refresh_from_db()
    assert webhook.status == Webhook.Status.ACTIVE


def test_a_cancelled_webhook_cannot_be_changed_any_more(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    cancel_webhook(owner=owner, webhook_id=webhook.pk, now=LONG_AGO)

    for act in (pause_webhook, resume_webhook, cancel_webhook):
        with pytest.raises(Refused) as refused:
            act(owner=owner, webhook_id=webhook.pk, now=LONG_AGO)
        assert mistakes(refused) == [(ErrorCode.WRONG_STATE, ())]


def test_cancelling_counts_the_waiting_deliveries_it_ends(owner: models.Model) -> None:
    webhook = subscribe(owner, "http://127.0.0.1:4/")
    publish(Ping(), owner=owner)
    publish(Ping(), owner=owner)
    deliver()
    now = timezone.now()

    cancelled = cancel_webhook(owner=owner, webhook_id=webhook.pk, now=now)

    assert cancelled.delivery_count == 2
    assert {(d.status, d.completed_at) for d in Delivery.objects.all()} == {("cancelled", now)}


def test_r21_a_paused_webhook_can_be_made(owner: models.Model) -> None:
    created = create_webhook(owner=owner, spec=SPEC, now=LONG_AGO, is_paused=True)

    assert created.webhook.status == Webhook.Status.PAUSED


def test_a_webhook_whose_event_type_is_gone_can_still_be_changed(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    webhook.event_subscriptions.update(event_type="gone.type")

    changed = update_webhook(
        owner=owner,
        webhook_id=webhook.pk,
        change=lambda spec: replace(spec, name="New"),
        now=LONG_AGO,
    )

    assert changed.name == "New"
    assert [row.event_type for row in changed.event_subscriptions.all()] == ["gone.type"]


def test_a_webhook_whose_policy_is_gone_can_still_be_changed(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    stored = {"name": "gone", "settings": {"factor": 5}}
    Webhook.objects.update(retry_policy=stored)

    changed = update_webhook(
        owner=owner,
        webhook_id=webhook.pk,
        change=lambda spec: replace(spec, name="New"),
        now=LONG_AGO,
    )

    assert isinstance(changed.policy, UnregisteredRetryPolicy)
    assert changed.retry_policy == stored
