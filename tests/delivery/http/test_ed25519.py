"""Signatures by a private key: version 1a of Standard Webhooks."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from delivery.http.signing import (
    InvalidSecret,
    SigningMethod,
    generate_secret,
    method_of,
    public_key,
    public_key_bytes,
    signature_headers,
)

# As published with the standard's Go library.
PUBLISHED_KEY = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
PUBLISHED_MOMENT = datetime.fromtimestamp(1614265330, tz=UTC)
PUBLISHED_SIGNATURE = (
    "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
)


def signatures(*secrets: str, body: bytes, message_id: str = "msg_1") -> list[str]:
    headers = signature_headers(
        secrets=secrets, message_id=message_id, body=body, now=PUBLISHED_MOMENT
    )
    return dict(headers)["webhook-signature"].split()


def verify(signature: str, *, secret: str, body: bytes) -> None:
    """Do as a receiver does that has only the public key; raise InvalidSignature."""
    prefix, _, encoded = signature.partition(",")
    assert prefix == "v1a"
    key = Ed25519PublicKey.from_public_bytes(public_key_bytes(public_key(secret)))
    key.verify(base64.b64decode(encoded), b"msg_1.1614265330." + body)


def test_the_vector_published_with_the_standard_comes_out() -> None:
    made = signatures(
        PUBLISHED_KEY, body=b'{"test": 2432232314}', message_id="msg_p5jXN8AQM9LWM0D4loKWxJek"
    )

    assert made == [PUBLISHED_SIGNATURE]


@given(body=st.binary())
def test_whoever_has_the_public_key_can_verify(body: bytes) -> None:
    secret = generate_secret(SigningMethod.ED25519)

    verify(signatures(secret, body=body)[0], secret=secret, body=body)


def test_another_key_or_another_body_does_not_verify() -> None:
    secret, other = (generate_secret(SigningMethod.ED25519) for _ in range(2))
    [signature] = signatures(secret, body=b"{}")

    with pytest.raises(InvalidSignature):
        verify(signature, secret=other, body=b"{}")
    with pytest.raises(InvalidSignature):
        verify(signature, secret=secret, body=b"{ }")


def test_both_methods_can_sign_one_request_in_the_order_of_the_secrets() -> None:
    private, shared = generate_secret(SigningMethod.ED25519), generate_secret()

    made = signatures(private, shared, private, body=b"{}")

    assert [each.partition(",")[0] for each in made] == ["v1a", "v1", "v1a"]


def test_a_private_key_is_known_by_its_prefix_and_holds_32_bytes() -> None:
    secret = generate_secret(SigningMethod.ED25519)

    assert secret.startswith("whsk_")
    assert len(base64.b64decode(secret.removeprefix("whsk_"))) == 32
    assert method_of(secret) is SigningMethod.ED25519
    assert public_key(secret).startswith("whpk_")
    assert len(public_key_bytes(public_key(secret))) == 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsk_",
        "whsec_" + base64.b64encode(bytes(32)).decode(),
        "whsk_" + base64.b64encode(bytes(31)).decode(),
        "whsk_" + base64.b64encode(bytes(64)).decode(),
        "whsk_" + "!" * 44,
    ],
)
def test_what_is_no_private_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidSecret) as refusal:
        public_key(text)

    assert len(text) < 6 or text not in str(refusal.value)
