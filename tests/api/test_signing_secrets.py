"""Signing secrets over GraphQL: shown once, rotated, revoked, and verified by public keys."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import models
from django.test import Client
from pytest_django import Settings
from standardwebhooks import Webhook as Verifier

from delivery.http.signing import generate_secret, public_key_bytes
from delivery.models import SigningSecret, Webhook
from events.ids import new_id
from events.publishing import publish
from events.webhooks import Ping
from tests.api.client import GraphQL
from tests.api.mutations import CREATE, REVOKE, ROTATE, change, described, mistakes
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db

SHOWN = "{ signingSecrets { id method hint publicKey expiresAt } version }"
ED25519 = {"signingMethod": "ED25519"}


def shown(graphql: GraphQL, webhook: Webhook, owner: models.Model) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = graphql.show(webhook, SHOWN, user=owner)["signingSecrets"]
    return found


def keys_of(webhook_id: str) -> tuple[int, list[dict[str, str]]]:
    response = Client().get(f"/webhooks/{webhook_id}/jwks.json")
    return response.status_code, response.json()["keys"]


def test_a_rotated_secret_is_shown_once_and_signs(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"))
    old = webhook.signing_secrets.get().secret

    payload = change(graphql, ROTATE, user=owner, id=webhook.public_id)
    publish(Ping(), owner=owner)
    deliver()

    assert payload["userErrors"] == []
    assert payload["webhook"]["version"] == 2
    [request] = receiver.requests()
    for secret in (old, payload["signingSecret"]):
        Verifier(secret).verify(request.body, {**request.headers})
    newest, former = shown(graphql, webhook, owner)
    assert newest["hint"] == payload["signingSecret"][-4:]
    assert (newest["expiresAt"], newest["method"]) == (None, "HMAC_SHA256")
    assert former["expiresAt"]


def test_a_rotation_takes_an_overlap_and_a_secret_of_the_owner_s(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook, own = subscribe(owner, "https://example.com/in"), generate_secret()

    payload = change(
        graphql,
        ROTATE,
        user=owner,
        id=webhook.public_id,
        input={"overlapSeconds": 0, "signingSecret": own},
    )

    assert payload["signingSecret"] == own
    assert webhook.signing_secrets.get().secret == own


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"overlapSeconds": -1}, ("OUT_OF_RANGE", "input.overlapSeconds")),
        ({"overlapSeconds": 2_592_001}, ("OUT_OF_RANGE", "input.overlapSeconds")),
        ({"signingSecret": "sesame"}, ("INVALID", "input.signingSecret")),
        ({"signingSecret": "\0"}, ("INVALID", "input.signingSecret")),
        ({"signingSecret": generate_secret(), **ED25519}, ("INVALID", "input.signingSecret")),
    ],
    ids=["negative", "too long", "no secret", "NUL", "with a key pair"],
)
def test_a_mistake_in_a_rotation_is_told_and_nothing_changes(
    graphql: GraphQL, owner: models.Model, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    before = shown(graphql, webhook, owner)

    payload = change(graphql, ROTATE, user=owner, id=webhook.public_id, input=given)

    assert mistakes(payload) == [expected]
    assert payload["signingSecret"] is None
    assert shown(graphql, webhook, owner) == before


def test_a_webhook_can_be_made_with_a_secret_of_the_owner_s(
    graphql: GraphQL, owner: models.Model
) -> None:
    own = generate_secret()

    payload = change(graphql, CREATE, user=owner, input=described(signingSecret=own))

    assert payload["signingSecret"] == own == SigningSecret.objects.get().secret


def test_what_is_wrong_with_a_secret_is_told_with_all_else(
    graphql: GraphQL, owner: models.Model
) -> None:
    wanted = described(signingSecret="sesame", name="")

    payload = change(graphql, CREATE, user=owner, input=wanted)

    assert set(mistakes(payload)) == {
        ("INVALID", "input.signingSecret"),
        ("REQUIRED", "input.name"),
    }
    assert not Webhook.objects.exists()


def test_a_private_key_is_never_shown_and_its_public_key_verifies(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    wanted = described(url=receiver.url("/in"), **ED25519)
    payload = change(graphql, CREATE, user=owner, input=wanted)
    webhook = Webhook.objects.get()
    publish(Ping(), owner=owner)
    deliver()

    assert payload["signingSecret"] is None
    [secret] = shown(graphql, webhook, owner)
    assert secret["method"] == "ED25519"
    assert secret["hint"] == secret["publicKey"][-4:]
    status, [key] = keys_of(webhook.public_id)
    assert status == 200
    assert key["kid"] == secret["id"]
    raw = base64.urlsafe_b64decode(key["x"] + "=")
    assert raw == public_key_bytes(secret["publicKey"])
    [request] = receiver.requests()
    version, _, signature = request.headers["webhook-signature"].partition(",")
    assert version == "v1a"
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode()
    Ed25519PublicKey.from_public_bytes(raw).verify(
        base64.b64decode(signature), signed + request.body
    )


def test_the_public_keys_of_an_overlap_are_all_listed_the_newest_first(
    graphql: GraphQL, owner: models.Model
) -> None:
    change(graphql, CREATE, user=owner, input=described(**ED25519))
    webhook = Webhook.objects.get()
    change(graphql, ROTATE, user=owner, id=webhook.public_id)

    _, keys = keys_of(webhook.public_id)

    assert [key["kid"] for key in keys] == [each["id"] for each in shown(graphql, webhook, owner)]
    assert all(
        (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")
        for key in keys
    )
    change(graphql, ROTATE, user=owner, id=webhook.public_id, input={"overlapSeconds": 0})
    assert len(keys_of(webhook.public_id)[1]) == 1


def test_whoever_asks_for_keys_that_there_are_none_of_learns_nothing(owner: models.Model) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    asked = [webhook.public_id, f"whk_{new_id().hex}", "whk_", "x", "%00", webhook.pk.hex]

    answers = [Client().get(f"/webhooks/{each}/jwks.json") for each in asked]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {b'{"keys": []}'}


def test_the_page_of_public_keys_is_for_reading(owner: models.Model, graphql: GraphQL) -> None:
    change(graphql, CREATE, user=owner, input=described(**ED25519))
    url = f"/webhooks/{Webhook.objects.get().public_id}/jwks.json"

    answer = Client().get(url)

    assert answer["Content-Type"] == "application/jwk-set+json"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert Client().head(url).status_code == 200
    assert Client(enforce_csrf_checks=True).post(url).status_code == 405


def test_the_page_of_public_keys_is_open_where_a_project_asks_everybody_to_sign_in(
    owner: models.Model, graphql: GraphQL, settings: Settings
) -> None:
    change(graphql, CREATE, user=owner, input=described(**ED25519))
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]

    assert keys_of(Webhook.objects.get().public_id)[0] == 200


def test_an_old_secret_is_revoked_and_the_newest_is_not(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    change(graphql, ROTATE, user=owner, id=webhook.public_id)
    newest, former = (each["id"] for each in shown(graphql, webhook, owner))

    def revoke(secret_id: str) -> list[tuple[str, str]]:
        return mistakes(change(graphql, REVOKE, user=owner, id=webhook.public_id, secret=secret_id))

    assert revoke(newest) == [("WRONG_STATE", "")]
    assert revoke(former) == []
    assert revoke(former) == [("NOT_FOUND", "secretId")]
    assert [each["id"] for each in shown(graphql, webhook, owner)] == [newest]


@pytest.mark.parametrize("secret_id", ["theirs", "nobody's", "", "\0", "sec_1"])
def test_secrets_of_others_are_as_if_they_did_not_exist(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model, secret_id: str
) -> None:
    mine = subscribe(owner, "https://example.com/in")
    theirs = subscribe(other_owner, "https://example.com/in")
    ids = {
        "theirs": theirs.signing_secrets.get().public_id,
        "nobody's": f"sec_{new_id().hex}",
    }

    payload = change(
        graphql, REVOKE, user=owner, id=mine.public_id, secret=ids.get(secret_id, secret_id)
    )

    assert payload["userErrors"] == [
        {
            "code": "NOT_FOUND",
            "message": "The webhook has no such signing secret.",
            "field": ["secretId"],
        }
    ]
    assert mistakes(change(graphql, ROTATE, user=owner, id=theirs.public_id)) == [
        ("NOT_FOUND", "id")
    ]
    assert theirs.signing_secrets.count() == 1
