"""`manage.py prune`: what workers do by themselves, by hand."""

from __future__ import annotations

from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from delivery.models import Attempt, Delivery, Webhook
from events.ids import earliest_id
from events.models import EventRecord
from tests.api.rows import make_attempt, make_delivery
from tests.work import later, subscribe


@pytest.fixture
def webhook(owner: models.Model) -> Webhook:
    return subscribe(owner, "https://example.com/webhooks")


def recorded_long_ago(webhook: Webhook, *, days: int) -> EventRecord:
    """Return the record of an event whose only delivery succeeded some days ago."""
    moment = later(days=-days)
    record = EventRecord.objects.create(
        pk=UUID(int=earliest_id(moment).int + 1),
        event_type="ping",
        payload="{}",
        occurred_at=moment,
        recorded_at=moment,
        fanned_out_at=moment,
    )
    make_attempt(make_delivery(webhook, event=record, status=Delivery.Status.SUCCEEDED))
    return record


def run_command(*options: str) -> str:
    out = StringIO()
    call_command("prune", *options, stdout=out)
    return out.getvalue()


def test_w41_the_command_removes_what_is_older_than_twelve_weeks(webhook: Webhook) -> None:
    recorded_long_ago(webhook, days=12 * 7 + 1)
    younger = recorded_long_ago(webhook, days=12 * 7 - 1)

    assert run_command() == "Removed 1 events, 1 deliveries, 1 attempts and 0 audit entries.\n"
    assert EventRecord.objects.get() == younger


def test_the_command_can_be_told_how_old(webhook: Webhook) -> None:
    recorded_long_ago(webhook, days=4)
    younger = recorded_long_ago(webhook, days=2)

    assert (
        run_command("--older-than", "3")
        == "Removed 1 events, 1 deliveries, 1 attempts and 0 audit entries.\n"
    )
    assert EventRecord.objects.get() == younger


def test_a_dry_run_says_what_would_go_and_removes_nothing(webhook: Webhook) -> None:
    recorded_long_ago(webhook, days=4)
    waiting = subscribe(webhook.owner, "https://example.com/waiting")
    make_delivery(waiting, event=recorded_long_ago(webhook, days=5))
    recorded_long_ago(webhook, days=2)

    told = run_command("--older-than", "3", "--dry-run")

    assert told == "Would remove 1 events, 1 deliveries, 1 attempts and 0 audit entries.\n"
    assert EventRecord.objects.count() == 3
    assert Attempt.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "complaint"), [("0", "must be 1 or more"), ("9" * 12, "more")])
def test_an_age_that_is_none_is_refused(days: str, complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        run_command("--older-than", days)
