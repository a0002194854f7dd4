"""A database of the first migrations is taken along: what waits in it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from delivery.authentication import BearerAuthentication
from delivery.errors import ErrorCode, Refused
from delivery.http.signing import SigningMethod, generate_secret
from delivery.models import Delivery, SigningSecret, Webhook
from events.ids import new_id
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import LONG_AGO, deliver, subscribe

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = [("webhook_delivery", "0001_initial")]
SECOND = [("webhook_delivery", "0002_what_webhooks_are_sent")]
BEFORE_ORDER = [("webhook_delivery", "0007_turns"), ("webhook_events", "0001_initial")]
BEFORE_BREAKERS = [("webhook_delivery", "0005_where_attempts_went")]


@pytest.fixture
def old_models() -> Iterator[Any]:
    """Return the models as they once were, in a database that is migrated back to them."""
    with migrated_back(FIRST) as old:
        yield old


@contextmanager
def migrated_back(target: list[tuple[str, str]]) -> Iterator[Any]:
    executor = MigrationExecutor(connection)
    latest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == target[0][0]]
    executor.migrate(target)
    try:
        yield executor.loader.project_state(target).apps
    finally:
        MigrationExecutor(connection).migrate(latest)


def migrate() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def store_old(old_models: Any, owner: models.Model, url: str) -> None:
    """Write what the first release would have: a webhook for pings, and a delivery that waits."""
    event = publish(Ping(message="before"), owner=owner)
    type(event).objects.update(fanned_out_at=timezone.now())
    named = {model._meta.object_name: model.objects for model in old_models.get_models()}
    webhook = named["Webhook"].create(
        id=new_id(), owner_id=owner.pk, name="Old", url=url, fingerprint="0" * 64
    )
    named["EventSubscription"].create(webhook=webhook, event_type="ping")
    named["SigningSecret"].create(id=new_id(), webhook=webhook, secret=generate_secret())
    named["Delivery"].create(
        id=new_id(), owner_id=owner.pk, event_id=event.pk, webhook=webhook, due_at=LONG_AGO
    )


def test_what_waited_before_the_upgrade_is_sent_after_it(
    old_models: Any, owner: models.Model, receiver: Receiver
) -> None:
    store_old(old_models, owner, receiver.url("/in"))

    migrate()
    Webhook.objects.update(active_since=LONG_AGO)
    publish(Ping(message="after"), owner=owner)
    deliver()

    assert set(Delivery.objects.values_list("status", flat=True)) == {"succeeded"}
    bodies = [request.body for request in receiver.requests("/in")]
    assert len(bodies) == 2
    assert any(b"before" in body for body in bodies)


def test_a_webhook_of_before_the_upgrade_is_not_made_a_second_time(
    old_models: Any, owner: models.Model
) -> None:
    url = "https://example.com/webhooks"
    store_old(old_models, owner, url)
    migrate()

    with pytest.raises(Refused) as refused:
        subscribe(owner, url)

    assert [mistake.code for mistake in refused.value.mistakes] == [ErrorCode.TAKEN]


def test_secrets_that_were_stored_in_clear_are_sealed_by_the_upgrade_and_come_back_with_it(
    owner: models.Model, receiver: Receiver
) -> None:
    chosen = BearerAuthentication(token="sesame")
    webhook = subscribe(owner, receiver.url("/in"), authentication=chosen)
    secret = webhook.signing_secrets.get().secret
    pair = generate_secret(SigningMethod.ED25519)
    SigningSecret.of(pair, webhook=webhook, now=timezone.now()).save()

    with migrated_back(SECOND) as old:
        [row] = old.get_model("webhook_delivery", "SigningSecret").objects.all()
        stored = old.get_model("webhook_delivery", "Webhook").objects.get().authentication
        assert row.secret == secret
        assert stored == {"name": "bearer", "settings": {"token": "sesame"}}

    webhook.refresh_from_db()
    kept = webhook.signing_secrets.get()
    assert (kept.secret, kept.hint) == (secret, secret[-4:])
    assert webhook.endpoint_authentication == chosen
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM webhook_delivery_signingsecret")
        assert secret not in str(cursor.fetchall())
    publish(Ping(), owner=owner)
    deliver()
    [request] = receiver.requests("/in")
    Verifier(secret).verify(request.body, {**request.headers})
    assert request.headers["Authorization"] == "Bearer sesame"


def test_a_process_of_before_goes_on_making_webhooks_until_it_is_replaced(
    owner: models.Model,
) -> None:
    old = MigrationExecutor(connection).loader.project_state(BEFORE_BREAKERS).apps

    old.get_model("webhook_delivery", "Webhook").objects.create(
        id=new_id(), owner_id=owner.pk, name="Old", url="https://example.com/in", fingerprint="0"
    )

    webhook = Webhook.objects.get()
    assert (webhook.circuit, webhook.consecutive_failures) == (Webhook.Circuit.CLOSED, 0)


def test_a_process_of_before_goes_on_publishing_and_fanning_out_until_it_is_replaced(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    old = MigrationExecutor(connection).loader.project_state(BEFORE_ORDER).apps

    event = old.get_model("webhook_events", "EventRecord").objects.create(
        id=new_id(),
        owner_id=owner.pk,
        event_type="ping",
        payload="{}",
        occurred_at=LONG_AGO,
        fanned_out_at=LONG_AGO,
    )
    old.get_model("webhook_delivery", "Delivery").objects.create(
        id=new_id(), owner_id=owner.pk, event=event, webhook_id=webhook.pk, due_at=LONG_AGO
    )
    deliver()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.ordering_key) == (Delivery.Status.SUCCEEDED, "")
    assert not delivery.is_behind
