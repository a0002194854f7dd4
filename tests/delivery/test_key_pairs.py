"""Signing by key pairs: what a webhook that has them can do, and what it cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models
from django.utils import timezone

from delivery.errors import ErrorCode, Refused
from delivery.http.signing import SigningMethod, generate_secret
from delivery.models import Attempt, SigningSecret
from delivery.signing_secrets import (
    NewSecret,
)
from delivery.webhooks import update_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.secrets import ED25519, OWN, create, refused, rotate, sent_signature
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db


def test_a_webhook_may_move_to_key_pairs_and_stays_with_them(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))

    assert rotate(owner, webhook, ED25519) is None
    versions = [each.partition(",")[0] for each in sent_signature(owner, receiver).split()]
    rotate(owner, webhook, overlap=timedelta())

    assert versions == ["v1a", "v1"]
    assert webhook.signing_secrets.get().method is SigningMethod.ED25519
    rotate(owner, webhook, NewSecret(own=OWN), overlap=timedelta())
    assert webhook.signing_secrets.get().secret == OWN


def test_a_private_key_is_not_to_be_brought_along(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    new = NewSecret(method=SigningMethod.ED25519, own=OWN)

    assert refused(owner, webhook, new) == [(ErrorCode.INVALID, "signing_secret")]


def test_a_format_with_a_signature_of_its_own_needs_a_shared_secret(owner: models.Model) -> None:
    whisperer = subscribe(owner, "https://example.com/in", payload_format="whisperer")
    pairs = create(owner, ED25519, path="/pairs")

    assert refused(owner, whisperer, ED25519) == [(ErrorCode.INVALID, "signing_method")]
    with pytest.raises(Refused, match="needs a secret that both sides know"):
        create(owner, ED25519, path="/other", payload_format="whisperer")
    with pytest.raises(Refused, match="Rotate to HMAC_SHA256 first"):
        update_webhook(
            owner=owner,
            webhook_id=pairs.pk,
            change=lambda spec: type(spec)(**{**vars(spec), "payload_format": "whisperer"}),
            now=timezone.now(),
        )


def test_such_a_format_signs_with_the_newest_shared_secret_of_an_overlap(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), payload_format="whisperer")
    SigningSecret.of(
        generate_secret(SigningMethod.ED25519), webhook=webhook, now=timezone.now()
    ).save()
    publish(Ping(), owner=owner)

    deliver()
    webhook.signing_secrets.filter(public_key="").delete()
    publish(Ping(), owner=owner)
    deliver()

    [request] = receiver.requests()
    assert request.headers["X-Whisperer-Signature"].startswith("sha256=")
    failed = Attempt.objects.order_by("pk").last()
    assert failed
    assert "needs a shared secret" in failed.error_message
