"""Suspension while something else happens to the webhook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import models
from django.utils import timezone

from delivery import actors
from delivery.engine.announce import DirectAnnouncer
from delivery.engine.appetite import Appetite
from delivery.engine.claim import Claimed, claim_due
from delivery.engine.making import make_engine
from delivery.models import Delivery, Webhook
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from delivery.webhooks import update_webhook
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhook(owner: models.Model, receiver: Receiver) -> Webhook:
    """Return a webhook whose endpoint is gone, and for which a delivery waits."""
    receiver.answers(410)
    webhook = subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    actors.fan_out()
    return webhook


def deliver_and_meanwhile(happen: Callable[[], object]) -> None:
    """Send what is due; something happens between the claim and the request."""
    pending = [happen]

    def claim(*, now: datetime, limit: int, appetite: Appetite, is_fresh_only: bool) -> Claimed:
        claimed = claim_due(
            now=now, limit=min(limit, 1), appetite=appetite, is_fresh_only=is_fresh_only
        )
        while claimed.claims and pending:
            pending.pop()()
        return claimed

    engine = make_engine(announcer=DirectAnnouncer(), claim=claim)
    engine.run_until_idle()
    engine.stop()


def suspensions() -> int:
    return EventRecord.objects.filter(event_type="webhook.suspended").count()


@pytest.mark.parametrize(
    ("stop", "expected"),
    [(pause_webhook, Webhook.Status.PAUSED), (cancel_webhook, Webhook.Status.CANCELLED)],
)
def test_what_its_owner_stopped_meanwhile_stays_as_it_is(
    owner: models.Model, webhook: Webhook, stop: Callable[..., object], expected: str
) -> None:
    deliver_and_meanwhile(lambda: stop(owner=owner, webhook_id=webhook.pk, now=timezone.now()))

    webhook.refresh_from_db()
    assert (webhook.status, webhook.status_reason) == (expected, "")
    assert suspensions() == 0


def test_an_answer_of_a_former_url_says_nothing_of_the_new_one(
    owner: models.Model, webhook: Webhook, receiver: Receiver
) -> None:
    deliver_and_meanwhile(
        lambda: update_webhook(
            owner=owner,
            webhook_id=webhook.pk,
            change=lambda spec: replace(spec, url=receiver.url("/new")),
            now=timezone.now(),
        )
    )

    webhook.refresh_from_db()
    assert (webhook.status, webhook.failing_since) == (Webhook.Status.ACTIVE, None)
    assert Delivery.objects.get().status == Delivery.Status.RETRYING


def test_an_answer_to_what_was_sent_before_a_resume_suspends_no_more(
    owner: models.Model, webhook: Webhook
) -> None:
    def pause_and_resume() -> None:
        pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
        resumed_at = timezone.now() + timedelta(minutes=1)
        resume_webhook(owner=owner, webhook_id=webhook.pk, now=resumed_at)

    deliver_and_meanwhile(pause_and_resume)

    webhook.refresh_from_db()
    assert webhook.status == Webhook.Status.ACTIVE


def test_two_workers_suspend_once(owner: models.Model, webhook: Webhook) -> None:
    publish(Ping(), owner=owner)
    actors.fan_out()

    deliver_and_meanwhile(deliver)

    webhook.refresh_from_db()
    assert (webhook.status, webhook.version) == (Webhook.Status.SUSPENDED, 2)
    assert suspensions() == 1
    assert set(Delivery.objects.values_list("attempt_count", "due_at")) == {(1, None)}


def test_a_suspended_webhook_can_be_paused_and_cancelled(
    owner: models.Model, webhook: Webhook
) -> None:
    deliver()

    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    webhook.refresh_from_db()
    assert webhook.status == Webhook.Status.PAUSED
    assert webhook.status_reason == ""

    Webhook.objects.update(status=Webhook.Status.SUSPENDED, status_reason="Gone.")
    cancelled = cancel_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    assert cancelled.delivery_count == 1
    webhook.refresh_from_db()
    assert webhook.status == Webhook.Status.CANCELLED
    assert webhook.status_reason == ""
