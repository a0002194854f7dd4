import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from delivery.http.signing import (
    InvalidSecret,
    generate_secret,
    signature_headers,
    signing_key,
)

PUBLISHED_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLISHED_MOMENT = datetime.fromtimestamp(1614265330, tz=UTC)


def secret_of(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


def test_the_vector_published_with_the_standard_comes_out() -> None:
    headers = signature_headers(
        secrets=[PUBLISHED_SECRET],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=b'{"test": 2432232314}',
        now=PUBLISHED_MOMENT,
    )

    assert headers == (
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    )


@given(
    keys=st.lists(st.binary(min_size=24, max_size=64), min_size=1, max_size=4),
    payload=st.dictionaries(st.text(), st.integers() | st.text()),
)
def test_the_standard_library_of_receivers_verifies_by_each_secret(
    keys: list[bytes], payload: dict[str, object]
) -> None:
    secrets = [secret_of(key) for key in keys]
    body = json.dumps(payload, ensure_ascii=True).encode()

    headers = dict(
        signature_headers(secrets=secrets, message_id="msg_1", body=body, now=datetime.now(UTC))
    )

    assert [Webhook(secret).verify(body, headers) for secret in secrets] == [payload] * len(keys)


@given(body=st.binary(), position=st.integers(min_value=0))
def test_one_changed_byte_changes_the_signature(body: bytes, position: int) -> None:
    changed = bytearray(body + b"x")
    changed[position % len(changed)] ^= 1

    signatures = {
        signature_headers(
            secrets=[PUBLISHED_SECRET], message_id="m", body=each, now=PUBLISHED_MOMENT
        )
        for each in (body + b"x", bytes(changed))
    }

    assert len(signatures) == 2


def test_a_stranger_s_secret_does_not_verify() -> None:
    headers = dict(
        signature_headers(
            secrets=[generate_secret()], message_id="m", body=b"{}", now=datetime.now(UTC)
        )
    )

    with pytest.raises(WebhookVerificationError):
        Webhook(generate_secret()).verify(b"{}", headers)


def test_generated_secrets_hold_32_bytes_and_differ() -> None:
    secrets = {generate_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert {len(signing_key(secret)) for secret in secrets} == {32}


@given(key=st.binary(min_size=24, max_size=64))
def test_a_secret_may_come_without_its_padding(key: bytes) -> None:
    assert signing_key(secret_of(key).rstrip("=")) == key


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        base64.b64encode(bytes(32)).decode(),
        secret_of(bytes(23)),
        secret_of(bytes(65)),
        "whsec_" + "!" * 40,
        "whsec_" + "é" * 40,
        "whsec_" + "A" * 41,
        secret_of(bytes(32)) + "\n",
    ],
)
def test_what_is_no_secret_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(InvalidSecret) as refusal:
        signing_key(secret)

    assert len(secret) < 7 or secret not in str(refusal.value)


def test_nothing_is_signed_by_no_secret() -> None:
    with pytest.raises(ValueError, match="at least one secret"):
        signature_headers(secrets=[], message_id="m", body=b"", now=PUBLISHED_MOMENT)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = PUBLISHED_MOMENT.replace(tzinfo=None)

    with pytest.raises(ValueError, match="no time zone"):
        signature_headers(secrets=[PUBLISHED_SECRET], message_id="m", body=b"", now=naive)
