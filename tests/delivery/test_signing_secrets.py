"""Rotating and revoking signing secrets, as receivers see it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import models
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from delivery.errors import ErrorCode, Refused
from delivery.http.signing import generate_secret
from delivery.models import SigningSecret, Webhook
from delivery.signing_secrets import (
    MOST_SECRETS,
    NewSecret,
    delete_expired_secrets,
    revoke_signing_secret,
    rotate_signing_secret,
)
from delivery.webhook_states import cancel_webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.secrets import ANY, OWN, create, refused, rotate, sent_signature, told
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db


def test_receivers_of_either_secret_can_verify_until_the_overlap_ends(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    old = webhook.signing_secrets.get()
    new = rotate(owner, webhook, overlap=timedelta(hours=1))
    assert new is not None

    for _ in range(2):
        publish(Ping(), owner=owner)
        deliver()
        SigningSecret.objects.filter(pk=old.pk).update(expires_at=timezone.now())

    during, after = receiver.requests()
    for secret in (old.secret, new):
        Verifier(secret).verify(during.body, {**during.headers})
    Verifier(new).verify(after.body, {**after.headers})
    with pytest.raises(WebhookVerificationError):
        Verifier(old.secret).verify(after.body, {**after.headers})


def test_without_an_overlap_the_old_secret_is_gone_at_once(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    old = webhook.signing_secrets.get()

    rotate(owner, webhook, overlap=timedelta())

    assert not SigningSecret.objects.filter(pk=old.pk).exists()
    assert webhook.signing_secrets.get().expires_at is None


def test_a_second_rotation_does_not_lengthen_the_first_overlap(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    rotate(owner, webhook, overlap=timedelta(hours=1))
    first_end = webhook.signing_secrets.order_by("pk")[0].expires_at

    rotate(owner, webhook, overlap=timedelta(days=7))

    oldest, middle, newest = webhook.signing_secrets.order_by("pk")
    assert oldest.expires_at == first_end
    assert first_end
    assert middle.expires_at
    assert middle.expires_at > first_end
    assert newest.expires_at is None


def test_a_rotation_is_a_change_of_the_webhook(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")

    rotate(owner, webhook)

    webhook.refresh_from_db()
    assert webhook.version == 2


def test_an_owner_may_bring_a_secret_of_their_own(owner: models.Model) -> None:
    webhook = create(owner, NewSecret(own=OWN))
    assert webhook.signing_secrets.get().secret == OWN

    other = generate_secret()
    assert rotate(owner, webhook, NewSecret(own=other)) == other


def test_a_secret_is_not_in_what_is_written_of_a_new_one(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    new = NewSecret(own=OWN)
    rotated = rotate_signing_secret(owner=owner, webhook_id=webhook.pk, new=new, now=timezone.now())

    assert rotated.signing_secret == OWN
    assert OWN not in f"{new} {rotated} {webhook.signing_secrets.latest('pk')}"


@pytest.mark.parametrize(
    "own",
    [
        "",
        "whsec_",
        "correct horse",
        "whsec_" + "A" * 30,
        "whsec_" + "A" * 88,
        OWN + "\n",
    ],
)
def test_what_is_not_a_secret_of_the_standard_is_refused(owner: models.Model, own: str) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    expected = [(ErrorCode.INVALID, "signing_secret")]

    assert refused(owner, webhook, NewSecret(own=own)) == expected
    with pytest.raises(Refused) as refusal:
        create(owner, NewSecret(own=own), path="/other")
    assert told(refusal.value) == expected
    assert len(own) < 7 or own not in str(refusal.value)
    assert Webhook.objects.count() == SigningSecret.objects.count() == 1


def test_a_secret_that_signs_already_is_refused(owner: models.Model) -> None:
    webhook = create(owner, NewSecret(own=OWN))

    assert refused(owner, webhook, NewSecret(own=OWN)) == [(ErrorCode.TAKEN, "signing_secret")]


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=30, seconds=1)])
def test_an_overlap_is_bounded(owner: models.Model, overlap: timedelta) -> None:
    webhook = subscribe(owner, "https://example.com/in")

    expected = [(ErrorCode.OUT_OF_RANGE, "overlap_seconds")]
    assert refused(owner, webhook, ANY, overlap=overlap) == expected


def test_so_many_secrets_sign_at_once_and_no_more(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    for _ in range(MOST_SECRETS - 1):
        rotate(owner, webhook)

    assert refused(owner, webhook, ANY) == [(ErrorCode.LIMIT_REACHED,)]
    rotate(owner, webhook, overlap=timedelta())
    assert webhook.signing_secrets.count() == 1


def test_an_old_secret_can_be_revoked_before_its_overlap_ends(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    old = webhook.signing_secrets.get()
    rotate(owner, webhook)

    revoke_signing_secret(owner=owner, webhook_id=webhook.pk, secret_id=old.pk, now=timezone.now())

    assert not SigningSecret.objects.filter(pk=old.pk).exists()
    assert len(sent_signature(owner, receiver).split()) == 1


def test_what_cannot_be_revoked_is_told(owner: models.Model, other_owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    foreign = subscribe(other_owner, "https://example.com/in")
    expired = webhook.signing_secrets.get()
    rotate(owner, webhook)
    SigningSecret.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    newest = webhook.signing_secrets.exclude(pk=expired.pk).get()
    targets = {
        newest.pk: ErrorCode.WRONG_STATE,
        expired.pk: ErrorCode.NOT_FOUND,
        foreign.signing_secrets.get().pk: ErrorCode.NOT_FOUND,
        webhook.pk: ErrorCode.NOT_FOUND,
    }
    for secret_id, code in targets.items():
        with pytest.raises(Refused) as refusal:
            revoke_signing_secret(
                owner=owner, webhook_id=webhook.pk, secret_id=secret_id, now=timezone.now()
            )
        assert [mistake.code for mistake in refusal.value.mistakes] == [code]
    assert SigningSecret.objects.count() == 3


def test_the_newest_secret_is_known_though_the_clocks_of_two_hosts_differ(
    owner: models.Model,
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    webhook.signing_secrets.update(id=UUID(int=SigningSecret.objects.get().pk.int + (1 << 90)))

    new = rotate(owner, webhook)

    newest, former = webhook.signing_secrets.valid_at(timezone.now())
    assert newest.secret == new
    assert former.pk > newest.pk
    with pytest.raises(Refused, match="newest signing secret cannot be revoked"):
        revoke_signing_secret(
            owner=owner, webhook_id=webhook.pk, secret_id=newest.pk, now=timezone.now()
        )


def test_a_cancelled_webhook_has_its_secrets_left_alone(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    cancel_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())

    assert refused(owner, webhook, ANY) == [(ErrorCode.WRONG_STATE,)]
    assert webhook.signing_secrets.count() == 1


def test_what_signs_no_more_is_deleted(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    rotate(owner, webhook, overlap=timedelta(hours=1))

    assert delete_expired_secrets(now=timezone.now()) == 0
    assert delete_expired_secrets(now=later(hours=2)) == 1
    assert webhook.signing_secrets.count() == 1
