"""Creating, changing and stopping webhooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from delivery.errors import ErrorCode, Refused
from delivery.models import Delivery, EventSubscription, Webhook
from delivery.retry import FixedRetryPolicy, UnregisteredRetryPolicy, default_policy
from delivery.webhook_rules import WebhookSpec
from delivery.webhooks import (
    cancel_webhook,
    create_webhook,
    pause_webhook,
    resume_webhook,
    update_webhook,
)
from events.publishing import publish
from events.registry import NotRegistered
from events.webhooks import Ping
from tests.work import LONG_AGO, deliver, subscribe

pytestmark = pytest.mark.django_db

SPEC = WebhookSpec(name="A webhook", url="https://example.com/in", event_types=("ping",))


def mistakes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[ErrorCode, tuple[str, ...]]]:
    return [(mistake.code, mistake.path) for mistake in refused.value.mistakes]


def test_w4_a_webhook_is_stored_active_and_owned_by_its_creator(owner: models.Model) -> None:
    now = timezone.now()

    created = create_webhook(owner=owner, spec=SPEC, now=now)

    webhook = Webhook.objects.get()
    assert webhook == created.webhook
    assert (webhook.owner, webhook.status, webhook.version) == (owner, "active", 1)
    assert webhook.created_at == webhook.active_since == now
    assert [s.event_type for s in webhook.event_subscriptions.all()] == ["ping"]
    assert webhook.signing_secrets.get().secret == created.signing_secret
    assert webhook.policy == default_policy()


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"name": ""}, ErrorCode.REQUIRED, ("name",)),
        ({"name": "  "}, ErrorCode.REQUIRED, ("name",)),
        ({"name": "x" * 101}, ErrorCode.OUT_OF_RANGE, ("name",)),
        ({"name": "a\0b"}, ErrorCode.INVALID, ("name",)),
        ({"description": "\ud800"}, ErrorCode.INVALID, ("description",)),
        ({"description": "x" * 2001}, ErrorCode.OUT_OF_RANGE, ("description",)),
        ({"key": ""}, ErrorCode.REQUIRED, ("key",)),
        ({"url": "nonsense"}, ErrorCode.INVALID, ("url",)),
        ({"url": "ftp://example.com/"}, ErrorCode.INVALID, ("url",)),
        ({"url": "https://user:secret@example.com/"}, ErrorCode.INVALID, ("url",)),
        ({"url": "https://10.0.0.1/"}, ErrorCode.FORBIDDEN_ADDRESS, ("url",)),
        ({"url": "https://[::1]/"}, ErrorCode.FORBIDDEN_ADDRESS, ("url",)),
        ({"event_types": ()}, ErrorCode.REQUIRED, ("events",)),
        ({"event_types": ("ping",) * 101}, ErrorCode.OUT_OF_RANGE, ("events",)),
        ({"event_types": ("ping", "no.such")}, ErrorCode.INVALID, ("events", "1", "event_type")),
        ({"timeout": timedelta(0)}, ErrorCode.OUT_OF_RANGE, ("timeout_seconds",)),
        ({"timeout": timedelta(seconds=31)}, ErrorCode.OUT_OF_RANGE, ("timeout_seconds",)),
        ({"max_in_flight": 0}, ErrorCode.OUT_OF_RANGE, ("max_in_flight",)),
        ({"max_in_flight": 101}, ErrorCode.OUT_OF_RANGE, ("max_in_flight",)),
    ],
)
def test_w6_a_mistake_is_found_before_anything_is_stored(
    owner: models.Model, change: dict[str, Any], code: ErrorCode, path: tuple[str, ...]
) -> None:
    with pytest.raises(Refused) as refused:
        create_webhook(owner=owner, spec=replace(SPEC, **change), now=LONG_AGO)

    assert mistakes(refused) == [(code, path)]
    assert not Webhook.objects.exists()


def test_all_mistakes_are_told_at_once(owner: models.Model) -> None:
    with pytest.raises(Refused) as refused:
        create_webhook(owner=owner, spec=replace(SPEC, name="", url="x"), now=LONG_AGO)

    assert {path for _, path in mistakes(refused)} == {("name",), ("url",)}


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://example.com/"])
def test_http_and_this_host_are_refused_unless_a_setting_allows_them(
    owner: models.Model, settings: object, url: str
) -> None:
    settings.WEBHOOK_ALLOW_HTTP = False  # type: ignore[attr-defined]  # pytest-django's fixture
    settings.WEBHOOK_ALLOWED_NETWORKS = []  # type: ignore[attr-defined]  # as above

    with pytest.raises(Refused):
        create_webhook(owner=owner, spec=replace(SPEC, url=url), now=LONG_AGO)


def test_w25_an_exact_duplicate_is_refused_and_anything_else_is_not(
    owner: models.Model, other_owner: models.Model
) -> None:
    create_webhook(owner=owner, spec=SPEC, now=LONG_AGO)

    with pytest.raises(Refused) as refused:
        create_webhook(owner=owner, spec=replace(SPEC, name="Another"), now=LONG_AGO)

    assert mistakes(refused) == [(ErrorCode.TAKEN, ())]
    create_webhook(owner=other_owner, spec=SPEC, now=LONG_AGO)
    create_webhook(owner=owner, spec=replace(SPEC, url="https://example.com/2"), now=LONG_AGO)
    assert Webhook.objects.count() == 3


def test_w25_an_update_to_a_duplicate_is_refused_in_the_same_way(owner: models.Model) -> None:
    create_webhook(owner=owner, spec=SPEC, now=LONG_AGO)
    other = subscribe(owner, "https://example.com/2")

    with pytest.raises(Refused) as refused:
        update_webhook(
            owner=owner,
            webhook_id=other.pk,
            change=lambda spec: replace(spec, url=SPEC.url),
            now=LONG_AGO,
        )

    assert mistakes(refused) == [(ErrorCode.TAKEN, ())]
    other.refresh_from_db()
    assert other.url == "https://example.com/2"


def test_w24_after_cancelling_the_same_webhook_and_key_can_be_made_again(
    owner: models.Model,
) -> None:
    spec = replace(SPEC, key="mine")
    first = create_webhook(owner=owner, spec=spec, now=LONG_AGO).webhook
    cancel_webhook(owner=owner, webhook_id=first.pk, now=timezone.now())

    second = create_webhook(owner=owner, spec=spec, now=LONG_AGO).webhook

    assert second.pk != first.pk


def test_a_key_is_unique_among_the_owners_webhooks(
    owner: models.Model, other_owner: models.Model
) -> None:
    create_webhook(owner=owner, spec=replace(SPEC, key="mine"), now=LONG_AGO)
    create_webhook(owner=other_owner, spec=replace(SPEC, key="mine"), now=LONG_AGO)

    elsewhere = replace(SPEC, key="mine", url="https://example.com/2")
    with pytest.raises(Refused) as refused:
        create_webhook(owner=owner, spec=elsewhere, now=LONG_AGO)

    assert mistakes(refused) == [(ErrorCode.TAKEN, ("key",))]


def test_an_owner_may_have_a_limited_number_of_webhooks(
    owner: models.Model, settings: object
) -> None:
    settings.WEBHOOK_MAX_WEBHOOKS = 1  # type: ignore[attr-defined]  # pytest-django's fixture
    webhook = create_webhook(owner=owner, spec=SPEC, now=LONG_AGO).webhook
    more = replace(SPEC, url="https://example.com/2")

    with pytest.raises(Refused) as refused:
        create_webhook(owner=owner, spec=more, now=LONG_AGO)

    assert mistakes(refused) == [(ErrorCode.LIMIT_REACHED, ())]
    cancel_webhook(owner=owner, webhook_id=webhook.pk, now=LONG_AGO)
    create_webhook(owner=owner, spec=more, now=LONG_AGO)


def test_r11_no_path_stores_an_unknown_event_type(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")

    with pytest.raises(NotRegistered, match=r"no\.such"):
        EventSubscription.objects.create(webhook=webhook, event_type="no.such")


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
    webhook = subscribe(owner, "http://127.0.0.1:9/")
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
