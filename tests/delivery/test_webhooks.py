"""Creating webhooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.forms import modelform_factory
from django.utils import timezone

from delivery.errors import ErrorCode, Refused
from delivery.models import EventSubscription, Webhook
from delivery.retry import default_policy
from delivery.webhook_rules import WebhookSpec
from delivery.webhook_states import cancel_webhook
from delivery.webhooks import create_webhook, update_webhook
from events.registry import NotRegistered
from tests.work import LONG_AGO, subscribe, wanted_events

pytestmark = pytest.mark.django_db

SPEC = WebhookSpec(name="A webhook", url="https://example.com/in", events=wanted_events("ping"))


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
        ({"events": ()}, ErrorCode.REQUIRED, ("events",)),
        ({"events": wanted_events("ping") * 101}, ErrorCode.OUT_OF_RANGE, ("events",)),
        (
            {"events": wanted_events("ping", "no.such")},
            ErrorCode.INVALID,
            ("events", "1", "event_type"),
        ),
        ({"timeout": timedelta(0)}, ErrorCode.OUT_OF_RANGE, ("timeout_seconds",)),
        ({"timeout": timedelta(seconds=31)}, ErrorCode.OUT_OF_RANGE, ("timeout_seconds",)),
        ({"max_in_flight": 0}, ErrorCode.OUT_OF_RANGE, ("max_in_flight",)),
        ({"max_in_flight": 101}, ErrorCode.OUT_OF_RANGE, ("max_in_flight",)),
        ({"max_requests_per_minute": 0}, ErrorCode.OUT_OF_RANGE, ("max_requests_per_minute",)),
        ({"max_requests_per_minute": 10_001}, ErrorCode.OUT_OF_RANGE, ("max_requests_per_minute",)),
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


@pytest.mark.parametrize("url", ["http://127.0.0.1:4/", "http://example.com/"])
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


@pytest.mark.parametrize("key", ["fingerprint", "webhook_duplicate", "key"])
def test_a_taken_key_is_told_as_such_whatever_it_is(owner: models.Model, key: str) -> None:
    create_webhook(owner=owner, spec=replace(SPEC, key=key), now=LONG_AGO)
    elsewhere = replace(SPEC, key=key, url="https://example.com/2")

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
    assert [each.event_type for each in webhook.event_subscriptions.all()] == ["ping"]


def test_r11_a_form_such_as_the_admins_says_which_event_type_is_unknown(
    owner: models.Model,
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    form_class = modelform_factory(EventSubscription, fields=["webhook", "event_type"])

    form = form_class({"webhook": webhook.pk, "event_type": "no.such"})

    assert form.errors["event_type"] == ["There is no event type 'no.such'."]
    assert form_class({"webhook": webhook.pk, "event_type": "book.added"}).is_valid()
