"""What stands in the entries of the audit trail, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import models

from delivery.audit import Action
from delivery.authentication.built_in import BasicAuthentication
from delivery.errors import Refused
from delivery.models import AuditEntry, Webhook
from delivery.retry import FixedRetryPolicy
from delivery.webhook_rules import WebhookSpec
from delivery.webhook_states import cancel_webhook
from delivery.webhooks import create_webhook, update_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.api.rows import NOW
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe, wanted_events

URL = "https://example.com/in"
SPEC = WebhookSpec(name="A webhook", url=URL, events=wanted_events("ping"))


@pytest.fixture
def webhook(owner: models.Model) -> Webhook:
    """Return a webhook of which the trail says nothing yet."""
    webhook = subscribe(owner, URL)
    AuditEntry.objects.all().delete()
    return webhook


def test_an_update_names_the_fields_that_it_changed_and_no_others(webhook: Webhook) -> None:
    policy = FixedRetryPolicy(delay=timedelta(seconds=5))

    update_webhook(
        owner=webhook.owner,
        webhook_id=webhook.pk,
        change=lambda spec: replace(
            spec, name="New", url=spec.url, retry_policy=policy, timeout=timedelta(seconds=3)
        ),
        now=NOW,
    )

    assert AuditEntry.objects.get().changed == ["name", "retry_policy", "timeout"]


def test_an_update_that_is_refused_for_a_duplicate_leaves_no_entry(webhook: Webhook) -> None:
    other = subscribe(webhook.owner, f"{URL}/other")
    AuditEntry.objects.all().delete()

    with pytest.raises(Refused):
        update_webhook(
            owner=webhook.owner,
            webhook_id=webhook.pk,
            change=lambda spec: replace(spec, url=other.url),
            now=NOW,
        )

    assert not AuditEntry.objects.exists()


def test_no_value_of_a_field_is_in_an_entry(webhook: Webhook) -> None:
    secret = "c4n4ry"
    changed = replace(
        SPEC,
        url=f"https://example.com/{secret}?key={secret}",
        description=secret,
        key=secret,
        headers=(("X-Key", secret),),
        authentication=BasicAuthentication(username=secret, password=secret),
    )

    created = create_webhook(owner=webhook.owner, spec=changed, now=NOW)
    cancel_webhook(owner=webhook.owner, webhook_id=created.webhook.pk, now=NOW)
    update_webhook(
        owner=webhook.owner, webhook_id=webhook.pk, change=lambda _spec: changed, now=NOW
    )

    entries = list(AuditEntry.objects.order_by("pk").values())
    assert len(entries) == 3
    assert entries[2]["changed"] == ["url", "description", "key", "headers", "authentication"]
    signing_secret = created.webhook.signing_secrets.get().secret
    for told in (secret, signing_secret, signing_secret.removeprefix("whsec_")):
        assert told not in str(entries)


def test_r20_a_suspension_is_noted_as_done_by_the_system_with_its_reason(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(410)
    webhook = subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    now = later(seconds=1)

    deliver(now=now)

    entry = AuditEntry.objects.exclude(action=Action.WEBHOOK_CREATED).get()
    assert (entry.action, entry.target_id) == ("webhook_suspended", webhook.public_id)
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("system", "", "The system")
    assert entry.reason == "The endpoint answered with status 410: it is gone for good."
    assert (entry.owner, entry.happened_at) == (owner, now)


def test_what_the_engine_does_day_by_day_is_not_noted(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)

    deliver()

    assert [entry.action for entry in AuditEntry.objects.all()] == [Action.WEBHOOK_CREATED]


def test_an_entry_outlasts_its_target(webhook: Webhook) -> None:
    cancel_webhook(owner=webhook.owner, webhook_id=webhook.pk, now=NOW)
    webhook.delete()

    assert AuditEntry.objects.get().target_id.startswith("whk_")


def test_the_trail_of_an_owner_goes_with_the_owner(
    owner: models.Model, other_owner: models.Model
) -> None:
    for each in (owner, other_owner):
        subscribe(each, URL)

    owner.delete()

    assert AuditEntry.objects.get().owner == other_owner
