"""What receivers' own libraries say of our signatures, before, during and after a rotation."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import standardwebhooks
import svix.webhooks
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.http.signing import SigningMethod, generate_secret, signature_headers

Verify = Callable[[str, bytes, dict[str, str]], None]


def _standardwebhooks(secret: str, body: bytes, headers: dict[str, str]) -> None:
    assert standardwebhooks.Webhook(secret).verify(body, headers) == json.loads(body)


def _svix(secret: str, body: bytes, headers: dict[str, str]) -> None:
    svix.webhooks.Webhook(secret).verify(body, headers)


LIBRARIES = [_standardwebhooks, _svix]
FAILURES = (
    standardwebhooks.WebhookVerificationError,
    svix.webhooks.WebhookVerificationError,
)

secrets = st.binary(min_size=24, max_size=64).map(
    lambda key: "whsec_" + base64.b64encode(key).decode()
)
messages = st.dictionaries(st.text(), st.integers() | st.text() | st.booleans() | st.none())


@pytest.mark.parametrize("verify", LIBRARIES)
@settings(max_examples=200)
@given(
    chosen=st.lists(secrets, min_size=3, max_size=3, unique=True),
    message=messages,
    message_id=st.uuids().map(lambda key: f"dlv_{key.hex}"),
)
def test_a_receiver_can_verify_by_either_secret_while_they_overlap(
    verify: Verify, chosen: list[str], message: dict[str, object], message_id: str
) -> None:
    old, new, _ = chosen
    body = json.dumps(message).encode()
    private = generate_secret(SigningMethod.ED25519)
    for signing in ([old], [new, old], [new], [private, new, old]):
        headers = dict(
            signature_headers(
                secrets=signing, message_id=message_id, body=body, now=datetime.now(UTC)
            )
        )

        for secret in chosen:
            if secret in signing:
                verify(secret, body, headers)
            else:
                with pytest.raises(FAILURES):
                    verify(secret, body, headers)
