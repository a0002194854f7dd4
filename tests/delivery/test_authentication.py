"""Authentication as endpoints see it, and as nobody else does."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from delivery.authentication import (
    Authentication,
    BasicAuthentication,
    BearerAuthentication,
    HeaderAuthentication,
    UnregisteredAuthentication,
    authentications,
    load_authentication,
    store_authentication,
)
from delivery.http.request import OutgoingRequest
from delivery.models import Attempt
from delivery.options import InvalidOptions
from delivery.webhooks import spec_of
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db

PROVES: list[tuple[Authentication, str, str]] = [
    (
        BasicAuthentication(username="username", password="password"),
        "Authorization",
        "Basic dXNlcm5hbWU6cGFzc3dvcmQ=",
    ),
    (BearerAuthentication(token="abc.def"), "Authorization", "Bearer abc.def"),
    (
        HeaderAuthentication(header_name="X-Api-Key", header_value="open sesame"),
        "X-Api-Key",
        "open sesame",
    ),
]
CHOSEN = [chosen for chosen, _, _ in PROVES]


def request() -> OutgoingRequest:
    """Return a request, of which the schemes here make nothing."""
    return OutgoingRequest(
        url="https://example.com/in",
        headers=(),
        body=b"{}",
        timeout=timedelta(seconds=10),
        connection_group="1",
        webhook_id="whk_1",
        event_id="evt_1",
        delivery_id="dlv_1",
    )


@pytest.mark.parametrize(("chosen", "name", "value"), PROVES)
def test_w31_every_request_carries_the_header_that_authenticates_it(
    owner: models.Model, receiver: Receiver, chosen: Authentication, name: str, value: str
) -> None:
    receiver.answers_in_turn([500, 200])
    subscribe(owner, receiver.url("/in"), authentication=chosen)
    publish(Ping(), owner=owner)

    deliver()
    deliver(now=later(minutes=1))

    assert [request.headers[name] for request in receiver.requests("/in")] == [value, value]


@pytest.mark.parametrize(("chosen", "name"), [(chosen, name) for chosen, name, _ in PROVES])
def test_an_attempt_keeps_the_headers_with_what_is_secret_hidden(
    owner: models.Model, receiver: Receiver, chosen: Authentication, name: str
) -> None:
    subscribe(owner, receiver.url("/in"), authentication=chosen)
    publish(Ping(), owner=owner)

    deliver()

    kept = dict(Attempt.objects.get().request_headers)
    assert kept[name] == "•••"
    assert kept["Content-Type"] == "application/json"
    assert kept["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("chosen", CHOSEN)
def test_no_secret_is_in_a_repr_or_a_log(
    owner: models.Model,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    chosen: Authentication,
) -> None:
    caplog.set_level("DEBUG")
    receiver.answers(401)
    webhook = subscribe(owner, receiver.url("/in"), authentication=chosen)
    publish(Ping(), owner=owner)

    deliver()

    stored = authentications.store(chosen)
    [made] = chosen.headers(request()).values()
    # The last option of each scheme is its secret.
    secrets = [made, str([*stored.settings.values()][-1])]
    sealed = store_authentication(chosen)
    shown = [chosen, stored, UnregisteredAuthentication(stored=stored), spec_of(webhook), sealed]
    for text in (caplog.text, *map(repr, shown)):
        assert not [secret for secret in secrets if secret in text]
    assert type(chosen).__qualname__ in repr(chosen)


def test_a_user_name_and_a_password_are_sent_as_utf_8() -> None:
    chosen = BasicAuthentication(username="ada", password="pässwörd: €")

    [value] = chosen.headers(request()).values()

    assert base64.b64decode(value.removeprefix("Basic ")).decode() == "ada:pässwörd: €"


@pytest.mark.parametrize("chosen", CHOSEN)
def test_an_authentication_is_read_back_from_storage_as_it_was(chosen: Authentication) -> None:
    assert load_authentication(store_authentication(chosen)) == chosen


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=255)


@given(username=texts.filter(lambda text: text and ":" not in text), password=texts)
def test_every_user_name_and_password_that_is_taken_can_be_sent(
    username: str, password: str
) -> None:
    chosen = BasicAuthentication(username=username, password=password)

    assert load_authentication(store_authentication(chosen)) == chosen
    pair = base64.b64decode(chosen.headers(request())["Authorization"].removeprefix("Basic "))
    assert pair.decode().split(":", 1) == [username, password]


@pytest.mark.parametrize(
    ("chosen", "complaint"),
    [
        (BasicAuthentication(username="a:b", password="p"), "username must not contain a colon"),
        (BasicAuthentication(username="a\nb", password="p"), "username must not .* control"),
        (BasicAuthentication(username="a", password="p\r\n"), "password must not .* control"),
        (BasicAuthentication(username="", password="p"), "username must have"),
        (BasicAuthentication(username="a", password="p" * 256), "password must have"),
        (BearerAuthentication(token="a b"), "token must be of visible ASCII"),
        (BearerAuthentication(token="a\r\nX-Evil: 1"), "token must be of visible ASCII"),
        (BearerAuthentication(token=""), "token must have"),
        (BearerAuthentication(token="t" * 4001), "token must have"),
        (HeaderAuthentication(header_name="X-A", header_value=""), "headerValue must have"),
    ],
)
def test_what_a_scheme_cannot_carry_is_refused_without_showing_it(
    chosen: Authentication, complaint: str
) -> None:
    with pytest.raises(InvalidOptions, match=complaint) as refused:
        store_authentication(chosen)

    assert "X-Evil" not in str(refused.value)
