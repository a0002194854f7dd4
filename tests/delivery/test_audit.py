"""The audit trail: what is done is noted with it, once, and what is not done is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from delivery.audit import Action, Actor, ActorKind
from delivery.deliveries import retry_delivery
from delivery.errors import Refused
from delivery.models import AuditEntry, Delivery, Webhook
from delivery.signing_secrets import NewSecret, revoke_signing_secret, rotate_signing_secret
from delivery.webhook_rules import WebhookSpec
from delivery.webhook_states import cancel_webhook, pause_webhook, resume_webhook
from delivery.webhooks import create_webhook, update_webhook
from tests.api.rows import NOW, make_delivery
from tests.work import make_owner, subscribe, wanted_events

URL = "https://example.com/in"
SPEC = WebhookSpec(name="A webhook", url=URL, events=wanted_events("ping"))

Act = Callable[..., object]


def create(owner: models.Model, webhook: Webhook, **options: Any) -> object:
    spec = replace(SPEC, url=f"{webhook.url}/another")
    return create_webhook(owner=owner, spec=spec, now=NOW, **options).webhook


def rename(owner: models.Model, webhook: Webhook, **options: Any) -> object:
    return update_webhook(
        owner=owner,
        webhook_id=webhook.pk,
        change=lambda spec: replace(spec, name="New"),
        now=NOW,
        **options,
    )


def pause(owner: models.Model, webhook: Webhook, **options: Any) -> object:
    return pause_webhook(owner=owner, webhook_id=webhook.pk, now=NOW, **options)


def resume(owner: models.Model, webhook: Webhook, **options: Any) -> object:
    return resume_webhook(owner=owner, webhook_id=webhook.pk, now=NOW, **options)


def cancel(owner: models.Model, webhook: Webhook, **options: Any) -> object:
    return cancel_webhook(owner=owner, webhook_id=webhook.pk, now=NOW, **options).webhook


def retry(owner: models.Model, webhook: Webhook, **options: Any) -> object:
    delivery = webhook.deliveries.get()
    return retry_delivery(owner=owner, delivery_id=delivery.pk, now=NOW, **options)


def rotate(owner: models.Model, webhook: Webhook, **options: Any) -> object:
    return rotate_signing_secret(
        owner=owner, webhook_id=webhook.pk, new=NewSecret(), now=NOW, **options
    ).webhook


def revoke(owner: models.Model, webhook: Webhook, **options: Any) -> object:
    old = webhook.signing_secrets.latest("-pk")
    return revoke_signing_secret(
        owner=owner, webhook_id=webhook.pk, secret_id=old.pk, now=NOW, **options
    )


ACTS = [
    (create, Action.WEBHOOK_CREATED),
    (rename, Action.WEBHOOK_UPDATED),
    (pause, Action.WEBHOOK_PAUSED),
    (resume, Action.WEBHOOK_RESUMED),
    (cancel, Action.WEBHOOK_CANCELLED),
    (retry, Action.DELIVERY_RETRIED),
    (rotate, Action.SIGNING_SECRET_ROTATED),
    (revoke, Action.SIGNING_SECRET_REVOKED),
]
every_act = pytest.mark.parametrize(("act", "action"), ACTS)


@pytest.fixture
def webhook(owner: models.Model) -> Webhook:
    """Return a webhook with a delivery that failed, of which the trail says nothing yet."""
    webhook = subscribe(owner, URL)
    make_delivery(webhook, status=Delivery.Status.FAILED, due_at=None)
    AuditEntry.objects.all().delete()
    return webhook


def ready(act: Act, webhook: Webhook) -> None:
    """Bring a webhook to where the act changes something."""
    if act is resume:
        Webhook.objects.filter(pk=webhook.pk).update(status=Webhook.Status.PAUSED)
    if act is revoke:
        rotate(webhook.owner, webhook)
        AuditEntry.objects.all().delete()


@every_act
def test_what_code_does_is_noted_with_it(webhook: Webhook, act: Act, action: Action) -> None:
    ready(act, webhook)

    done = act(webhook.owner, webhook)

    entry = AuditEntry.objects.get()
    assert entry.action == action
    assert entry.target_id == str(done)
    assert entry.owner == webhook.owner
    assert (entry.actor_kind, entry.actor_id) == (ActorKind.CODE, "")
    assert entry.actor_name == "The project"
    assert (entry.happened_at, entry.reason) == (NOW, "")
    assert entry.changed == (["name"] if act is rename else [])


@every_act
def test_code_can_say_for_whom_it_acts(webhook: Webhook, act: Act, action: Action) -> None:
    ready(act, webhook)
    person = Actor(kind=ActorKind.PERSON, id="7", name="Grace")

    act(webhook.owner, webhook, actor=person)

    entry = AuditEntry.objects.get(action=action)
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("person", "7", "Grace")


@every_act
def test_it_takes_one_insert_and_nothing_else(webhook: Webhook, act: Act, action: Action) -> None:
    ready(act, webhook)

    with CaptureQueriesContext(connection) as captured:
        act(webhook.owner, webhook)

    about = [query["sql"] for query in captured if AuditEntry._meta.db_table in query["sql"]]
    assert [sql.partition(" ")[0] for sql in about] == ["INSERT"]
    assert action.value in about[0]


@every_act
def test_what_is_rolled_back_leaves_no_entry(webhook: Webhook, act: Act, action: Action) -> None:
    ready(act, webhook)

    with transaction.atomic():
        act(webhook.owner, webhook)
        noted = AuditEntry.objects.get().action
        transaction.set_rollback(True)

    assert noted == action
    assert not AuditEntry.objects.exists()


@every_act
def test_what_cannot_be_noted_is_not_done(webhook: Webhook, act: Act, action: Action) -> None:
    ready(act, webhook)
    before = [*Webhook.objects.values(), *Delivery.objects.values()]
    nameless: Any = None

    with pytest.raises(IntegrityError), transaction.atomic():
        act(webhook.owner, webhook, actor=Actor(kind=ActorKind.CODE, name=nameless))

    assert [*Webhook.objects.values(), *Delivery.objects.values()] == before
    assert not AuditEntry.objects.filter(action=action).exists()


@every_act
def test_what_is_refused_leaves_no_entry(webhook: Webhook, act: Act, action: Action) -> None:
    cancel_webhook(owner=webhook.owner, webhook_id=webhook.pk, now=NOW)
    subscribe(webhook.owner, f"{URL}/another")
    AuditEntry.objects.all().delete()

    with pytest.raises(Refused):
        act(webhook.owner, webhook)

    assert not AuditEntry.objects.filter(action=action).exists()


@pytest.mark.parametrize("act", [rename, pause, resume, cancel, retry])
def test_what_is_tried_on_a_webhook_of_somebody_elses_leaves_no_entry(
    webhook: Webhook, act: Act
) -> None:
    ready(act, webhook)

    with pytest.raises(Refused):
        act(make_owner("bea"), webhook)

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("act", [rename, pause, resume])
def test_what_changes_nothing_leaves_no_entry(webhook: Webhook, act: Act) -> None:
    ready(act, webhook)

    act(webhook.owner, webhook)
    act(webhook.owner, webhook)

    assert AuditEntry.objects.count() == 1
