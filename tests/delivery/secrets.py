"""What tests of secrets do: make, rotate, lose keys, and look at what was sent."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import models
from django.utils import timezone
from pytest_django import Settings

from delivery.errors import Refused
from delivery.http.signing import SigningMethod
from delivery.models import Webhook
from delivery.signing_secrets import NewSecret, rotate_signing_secret
from delivery.webhook_rules import WebhookSpec
from delivery.webhooks import create_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, wanted_events

OWN = "whsec_" + base64.b64encode(bytes(range(24))).decode()
ED25519 = NewSecret(method=SigningMethod.ED25519)
ANY = NewSecret()
DAY = timedelta(days=1)


def rotate(
    owner: models.Model, webhook: Webhook, new: NewSecret = ANY, overlap: timedelta = DAY
) -> str | None:
    return rotate_signing_secret(
        owner=owner, webhook_id=webhook.pk, new=new, overlap=overlap, now=timezone.now()
    ).signing_secret


def refused(
    owner: models.Model, webhook: Webhook, new: NewSecret, overlap: timedelta = DAY
) -> list[tuple[object, ...]]:
    with pytest.raises(Refused) as refusal:
        rotate(owner, webhook, new, overlap)
    return told(refusal.value)


def told(refusal: Refused) -> list[tuple[object, ...]]:
    return [(mistake.code, *mistake.path) for mistake in refusal.mistakes]


def create(
    owner: models.Model, secret: NewSecret, *, path: str = "/in", payload_format: str = "standard"
) -> Webhook:
    wanted = WebhookSpec(
        name="A",
        url=f"https://example.com{path}",
        events=wanted_events("ping"),
        payload_format=payload_format,
    )
    return create_webhook(owner=owner, spec=wanted, secret=secret, now=timezone.now()).webhook


def sent_signature(owner: models.Model, receiver: Receiver) -> str:
    publish(Ping(), owner=owner)
    deliver()
    return receiver.requests()[-1].headers["webhook-signature"]


def lose_keys(settings: Settings) -> None:
    settings.WEBHOOK_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    settings.SECRET_KEY = "another text that is long enough to be the secret key of an installation"
