"""Secrets at rest: sealed under keys that can be changed."""

from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from delivery.authentication import (
    BasicAuthentication,
    load_authentication,
    store_authentication,
)
from delivery.models import SigningSecret
from delivery.sealing import CannotUnseal, is_sealed_with_first_key, seal, unseal
from tests.delivery.secrets import lose_keys
from tests.work import subscribe

FIRST, SECOND = (Fernet.generate_key().decode() for _ in range(2))
SECRET_KEY = "another text that is long enough to be the secret key of an installation"
PASSWORD = BasicAuthentication(username="ada", password="open sesame")


@given(st.text(st.characters(codec="utf-8")))
def test_what_is_sealed_can_be_opened_and_is_sealed_differently_each_time(text: str) -> None:
    sealed = seal(text)

    assert unseal(sealed) == text
    assert sealed != seal(text)
    assert len(text) < 5 or text not in sealed


@pytest.mark.parametrize("text", ["", "é", "gAAAAAé", "gAAAAA\0"])
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    with pytest.raises(CannotUnseal):
        unseal(text)
    assert not is_sealed_with_first_key(text)


@given(position=st.integers(min_value=0), replaced=st.sampled_from("Aa0_-="))
def test_what_was_altered_does_not_open(position: int, replaced: str) -> None:
    sealed = seal("whsec_secret")
    place = position % len(sealed)
    altered = sealed[:place] + replaced + sealed[place + 1 :]

    # The last letters before the padding hold bits that base64 does not use.
    if altered.rstrip("=")[:-1] != sealed.rstrip("=")[:-1]:
        with pytest.raises(CannotUnseal):
            unseal(altered)


def test_the_first_key_seals_and_every_key_opens(settings: Settings) -> None:
    settings.WEBHOOK_ENCRYPTION_KEYS = [FIRST]
    sealed = seal("secret")

    settings.WEBHOOK_ENCRYPTION_KEYS = [SECOND, FIRST]

    assert unseal(sealed) == "secret"
    assert not is_sealed_with_first_key(sealed)
    assert is_sealed_with_first_key(seal("secret"))


def test_without_keys_the_secret_key_seals_and_goes_on_opening(settings: Settings) -> None:
    settings.WEBHOOK_ENCRYPTION_KEYS = []
    sealed, former = seal("secret"), settings.SECRET_KEY

    settings.WEBHOOK_ENCRYPTION_KEYS = [FIRST]
    assert unseal(sealed) == "secret"

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = SECRET_KEY, [former]
    assert unseal(sealed) == "secret"

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(CannotUnseal, match="WEBHOOK_ENCRYPTION_KEYS"):
        unseal(sealed)


def test_an_authentication_is_stored_by_its_name_and_nothing_that_can_be_read() -> None:
    stored = store_authentication(PASSWORD)

    assert set(stored) == {"name", "sealed"}
    assert stored["name"] == "basic"
    assert load_authentication(stored) == PASSWORD


@pytest.mark.django_db
def test_no_secret_stands_in_the_database(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in", authentication=PASSWORD)
    secret = webhook.signing_secrets.get().secret

    with connection.cursor() as cursor:
        rows = []
        for table in ("webhook_delivery_webhook", "webhook_delivery_signingsecret"):
            cursor.execute(f"SELECT * FROM {table}")
            rows += cursor.fetchall()

    assert len(rows) == 2
    assert secret not in str(rows)
    assert PASSWORD.password not in str(rows)


@pytest.mark.django_db
def test_after_reencrypting_the_old_key_can_be_taken_away(
    owner: models.Model, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.WEBHOOK_ENCRYPTION_KEYS = [FIRST]
    webhook = subscribe(owner, "https://example.com/in", authentication=PASSWORD)
    subscribe(owner, "https://example.com/other")
    before = {each.pk: each.secret for each in SigningSecret.objects.all()}
    settings.WEBHOOK_ENCRYPTION_KEYS = [SECOND, FIRST]

    call_command("reencrypt_secrets")
    call_command("reencrypt_secrets")

    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["3", "0"]
    settings.WEBHOOK_ENCRYPTION_KEYS = [SECOND]
    assert {each.pk: each.secret for each in SigningSecret.objects.all()} == before
    webhook.refresh_from_db()
    assert webhook.endpoint_authentication == PASSWORD


@pytest.mark.django_db
def test_reencrypting_names_what_no_key_opens_and_does_the_rest(
    owner: models.Model, settings: Settings
) -> None:
    lost = subscribe(owner, "https://example.com/lost").signing_secrets.get()
    former = settings.WEBHOOK_ENCRYPTION_KEYS
    lose_keys(settings)
    kept = subscribe(owner, "https://example.com/kept").signing_secrets.get()
    settings.WEBHOOK_ENCRYPTION_KEYS = [SECOND, *settings.WEBHOOK_ENCRYPTION_KEYS]

    with pytest.raises(CommandError, match=f"1 cannot be decrypted by any key: {lost.public_id}"):
        call_command("reencrypt_secrets", stdout=StringIO())

    kept.refresh_from_db()
    assert is_sealed_with_first_key(kept.sealed)
    settings.WEBHOOK_ENCRYPTION_KEYS = former
    lost.refresh_from_db()
    assert lost.secret.startswith("whsec_")
