"""Headers of a webhook's own: sent with each request, and never in the way of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from httptools import HttpRequestParser
from hypothesis import assume, given
from hypothesis import strategies as st
from requests.exceptions import InvalidHeader

from delivery.authentication import BearerAuthentication, HeaderAuthentication
from delivery.errors import Refused
from delivery.http.headers import is_header_name, is_header_value
from delivery.http.messages import request_bytes
from delivery.models import Attempt, Delivery, Webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db

OURS = [
    "Webhook-Id",
    "webhook-timestamp",
    "WEBHOOK-SIGNATURE",
    "webhook-anything",
    "X-Whisperer-Event",
    "x-whisperer-signature",
    "ce-id",
    "Webhook_Signature",
    "Host",
    "Content-Type",
    "content-length",
    "Content-Encoding",
    "Transfer-Encoding",
    "transfer_encoding",
    "Connection",
    "Keep-Alive",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Upgrade",
    "Expect",
    "HTTP2-Settings",
    "User-Agent",
    "Accept-Encoding",
    "Date",
    "Authorization",
    "Cookie",
]


def refusals(owner: models.Model, *headers: tuple[str, str], **spec: Any) -> list[tuple[str, str]]:
    """Return the codes and paths of what is wrong with headers."""
    with pytest.raises(Refused) as refused:
        subscribe(owner, "https://example.com/in", headers=headers, **spec)
    assert not Webhook.objects.exists()
    return [(found.code.name, ".".join(found.path)) for found in refused.value.mistakes]


def test_w40_additional_headers_are_sent_with_each_request(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers_in_turn([500, 200])
    subscribe(
        owner,
        receiver.url("/in"),
        headers=(("X-Tenant", "shop 7"), ("x-empty", ""), ("X-Latin", "café")),
    )
    publish(Ping(), owner=owner)

    deliver()
    deliver(now=later(minutes=1))

    for request in receiver.requests("/in"):
        assert request.headers["X-Tenant"] == "shop 7"
        assert request.headers["X-Empty"] == ""
        assert request.headers["X-Latin"] == "café"
    assert ["X-Tenant", "shop 7"] in Attempt.objects.latest("pk").request_headers


@pytest.mark.parametrize("name", OURS)
def test_w40_a_header_that_is_ours_is_refused(owner: models.Model, name: str) -> None:
    found = refusals(owner, ("X-Tenant", "1"), (name, "forged"))

    assert found == [("FORBIDDEN_HEADER", "headers.1.name")]


def test_w40_no_stored_header_replaces_ours_or_that_of_the_authentication(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(
        owner, receiver.url("/in"), authentication=BearerAuthentication(token="genuine")
    )
    # As if written by an older version, which did not refuse them.
    webhook.headers = [[name, "forged"] for name in OURS if name != "Connection"]
    webhook.save()
    publish(Ping(), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    assert request.headers["webhook-id"] == Delivery.objects.get().public_id
    assert request.headers["webhook-signature"].startswith("v1,")
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Length"] == str(len(request.body))
    assert request.headers["Host"].startswith("127.0.0.1")
    assert request.headers["Authorization"] == "Bearer genuine"
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


@pytest.mark.parametrize(
    "name", ["X Tenant", "X-Ten:ant", "X-T\r\nX-Evil", "X-\0", "X-Größe", "\ud800"]
)
def test_what_is_no_name_of_a_header_is_refused(owner: models.Model, name: str) -> None:
    assert refusals(owner, (name, "1")) == [("INVALID", "headers.0.name")]


@pytest.mark.parametrize(
    "value",
    ["1\r\nX-Evil: 2", "1\n2", "1\r2", "\0", "\u20ac", "\ud800", " 1", "1 ", "\x7f", "\x1b[0m"],
)
def test_what_is_no_value_of_a_header_is_refused(owner: models.Model, value: str) -> None:
    assert refusals(owner, ("X-Tenant", value)) == [("INVALID", "headers.0.value")]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("", "1"), ("REQUIRED", "headers.0.name")),
        (("N" * 101, "1"), ("OUT_OF_RANGE", "headers.0.name")),
        (("X-Tenant", "v" * 1001), ("OUT_OF_RANGE", "headers.0.value")),
    ],
)
def test_names_and_values_have_bounds(
    owner: models.Model, header: tuple[str, str], expected: tuple[str, str]
) -> None:
    assert refusals(owner, header) == [expected]


def test_a_webhook_may_have_20_headers(owner: models.Model) -> None:
    headers = [(f"X-{number}", "1") for number in range(21)]

    assert refusals(owner, *headers) == [("OUT_OF_RANGE", "headers")]
    assert len(subscribe(owner, "https://example.com/in", headers=tuple(headers[1:])).headers) == 20


def test_no_more_than_100_mistakes_are_told_at_once(owner: models.Model) -> None:
    assert len(refusals(owner, *[("", "\n")] * 1_000)) == 100


def test_a_header_may_be_set_once_whatever_its_case(owner: models.Model) -> None:
    found = refusals(owner, ("X-Tenant", "1"), ("x-tenant", "2"))

    assert found == [("INVALID", "headers.1.name")]


def test_a_header_may_not_be_that_of_the_authentication(owner: models.Model) -> None:
    chosen = HeaderAuthentication(header_name="X-Api-Key", header_value="secret")

    found = refusals(owner, ("x-api-key", "mine"), authentication=chosen)

    assert found == [("INVALID", "headers.0.name")]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("webhook-signature", "v1,forged", ("FORBIDDEN_HEADER", "header_name")),
        ("Authorization", "Bearer 1", ("FORBIDDEN_HEADER", "header_name")),
        ("X Api Key", "1", ("INVALID", "header_name")),
        ("X-Api-Key", "geheim\r\nX-Evil: 1", ("INVALID", "header_value")),
        ("X-Api-Key", "\u20ac", ("INVALID", "header_value")),
    ],
)
def test_the_header_of_an_authentication_is_judged_as_any(
    owner: models.Model, name: str, value: str, expected: tuple[str, str]
) -> None:
    chosen = HeaderAuthentication(header_name=name, header_value=value)

    with pytest.raises(Refused) as refused:
        subscribe(owner, "https://example.com/in", authentication=chosen)

    [mistake] = refused.value.mistakes
    assert (mistake.code.name, mistake.path) == (
        expected[0],
        ("authentication", "header", expected[1]),
    )
    assert "geheim" not in mistake.message


class Reading:
    """Takes down what a strict parser finds in a request."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.body += body


@given(
    name=st.text("aX9!#$%&'*+-.^_`|~", min_size=1, max_size=8),
    value=st.text(st.characters(max_codepoint=0xFF), max_size=8),
)
def test_whatever_is_taken_arrives_as_it_is_in_a_request(name: str, value: str) -> None:
    assume(is_header_name(name) and is_header_value(value))
    headers = {"Host": "a", name: value, "Content-Length": "2"}
    reading = Reading()

    message = request_bytes(method="POST", target="/", headers=headers, body=b"{}")
    HttpRequestParser(reading).feed_data(message)

    assert reading.headers == [
        (b"Host", b"a"),
        (name.encode("latin-1"), value.encode("latin-1")),
        (b"Content-Length", b"2"),
    ]
    assert reading.body == b"{}"


@given(name=st.text(max_size=8), value=st.text(max_size=8))
def test_whatever_is_not_taken_is_in_no_request(name: str, value: str) -> None:
    assume(not (is_header_name(name) and is_header_value(value)))

    with pytest.raises(InvalidHeader):
        request_bytes(method="POST", target="/", headers={name: value}, body=b"")
