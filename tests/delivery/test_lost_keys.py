"""What happens when an encryption key is missing, and how it is put right."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook as Verifier

from delivery.authentication import BasicAuthentication, UnreadableAuthentication
from delivery.models import Attempt, SigningSecret, Webhook
from delivery.sealing import seal
from delivery.webhook_states import cancel_webhook
from delivery.webhooks import spec_of, update_webhook
from delivery.worker import refuse_wrong_keys, start_worker
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.secrets import lose_keys, rotate
from tests.services.receiver import Receiver
from tests.work import LONG_AGO, deliver, subscribe

pytestmark = pytest.mark.django_db

PASSWORD = BasicAuthentication(username="ada", password="open sesame")


def test_without_the_key_nothing_is_sent_unsigned_and_the_log_says_why(
    owner: models.Model,
    receiver: Receiver,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    lose_keys(settings)

    deliver()

    attempt = Attempt.objects.get()
    assert receiver.requests() == []
    assert attempt.outcome == Attempt.Outcome.CONNECTION_FAILED
    assert attempt.error_message == "No signing secret of the webhook can be decrypted."
    assert f"A signing secret of {webhook}" in caplog.text


def test_a_rotation_puts_right_what_cannot_be_signed_though_the_old_secret_overlaps(
    owner: models.Model, receiver: Receiver, settings: Settings
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    lose_keys(settings)
    new = rotate(owner, webhook)
    assert new is not None
    publish(Ping(), owner=owner)

    deliver()

    [request] = receiver.requests()
    Verifier(new).verify(request.body, {**request.headers})
    assert len(request.headers["webhook-signature"].split()) == 1


def test_an_authentication_without_its_key_is_kept_and_nothing_is_sent_without_it(
    owner: models.Model, receiver: Receiver, settings: Settings
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), authentication=PASSWORD)
    former, stored = settings.WEBHOOK_ENCRYPTION_KEYS, webhook.authentication
    lose_keys(settings)
    [secret] = webhook.signing_secrets.all()
    SigningSecret.objects.filter(pk=secret.pk).update(sealed=seal("whsec_" + "a" * 32))

    update_webhook(
        owner=owner,
        webhook_id=webhook.pk,
        change=lambda spec: type(spec)(**{**vars(spec), "name": "Renamed"}),
        now=LONG_AGO,
    )
    publish(Ping(), owner=owner)
    deliver()

    webhook = Webhook.objects.get()
    assert isinstance(spec_of(webhook).authentication, UnreadableAuthentication)
    assert Attempt.objects.get().error_message == (
        "The authentication 'basic' cannot be decrypted."
    )
    assert receiver.requests() == []
    assert (webhook.name, webhook.authentication) == ("Renamed", stored)
    settings.WEBHOOK_ENCRYPTION_KEYS = former
    assert webhook.endpoint_authentication == PASSWORD


def test_a_worker_that_could_sign_nothing_does_not_start(
    owner: models.Model, settings: Settings
) -> None:
    secret = subscribe(owner, "https://example.com/in").signing_secrets.get()
    lose_keys(settings)

    with pytest.raises(ImproperlyConfigured, match=f"{secret.public_id} cannot be decrypted"):
        start_worker()


@pytest.mark.parametrize(
    "command", [("worker",), ("worker", "--processes", "2"), ("up", "--port", "0")]
)
def test_a_command_that_could_sign_nothing_ends_and_says_why(
    owner: models.Model, settings: Settings, command: tuple[str, ...]
) -> None:
    subscribe(owner, "https://example.com/in")
    lose_keys(settings)

    with pytest.raises(CommandError, match="WEBHOOK_ENCRYPTION_KEYS"):
        call_command(*command)


def test_secrets_that_are_made_anew_let_a_worker_start_again(
    owner: models.Model, settings: Settings
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    lose_keys(settings)

    rotate(owner, webhook)

    refuse_wrong_keys()


def test_a_secret_of_a_cancelled_webhook_is_not_needed(
    owner: models.Model, settings: Settings
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    cancel_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    lose_keys(settings)

    refuse_wrong_keys()
