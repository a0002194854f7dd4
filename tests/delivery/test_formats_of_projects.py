"""Payload formats of a project's own: what they are given, how often, and what if they break."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping

import pytest
from django.db import models

from delivery.formats import Message, PayloadFormat, Sign, payload_format, payload_formats
from delivery.models import Attempt, Delivery
from delivery.webhook_rules import EventSubscriptionSpec
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with payload_formats.scratch():
        yield


def test_r9_a_format_replaces_the_whole_body_and_is_told_id_event_and_target(
    owner: models.Model, receiver: Receiver
) -> None:
    @payload_format("flat")
    class FlatFormat(PayloadFormat):
        """All in one object."""

        content_type = "application/vnd.shop+json"

        def body(self, message: Message) -> bytes:
            payload = json.loads(message.payload_json)
            told = [message.webhook_id, message.event_type, message.url]
            return json.dumps({**payload, "told": told}).encode()

    webhook = subscribe(owner, receiver.url("/in"), payload_format="flat")
    publish(Ping(message="hello"), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    assert request.headers["Content-Type"] == "application/vnd.shop+json"
    assert request.json() == {
        "message": "hello",
        "told": [webhook.public_id, "ping", receiver.url("/in")],
    }


def test_a_format_can_sign_and_cannot_replace_our_headers(
    owner: models.Model, receiver: Receiver
) -> None:
    @payload_format("signed")
    class SignedFormat(PayloadFormat):
        """With a signature of its own."""

        def body(self, message: Message) -> bytes:
            return message.payload_json.encode()

        def headers(self, message: Message, *, body: bytes, sign: Sign) -> Mapping[str, str]:
            return {
                "X-Signed": sign(b"v0:" + body).hex(),
                "Webhook-Id": "forged",
                "content-type": "text/plain",
                "Host": "forged.example.com",
            }

    webhook = subscribe(owner, receiver.url("/in"), payload_format="signed")
    publish(Ping(), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    key = webhook.signing_secrets.get().secret.encode()
    signed = hmac.new(key, b"v0:" + request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Signed"] == signed
    assert request.headers["webhook-id"] == Delivery.objects.get().public_id
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Host"].startswith("127.0.0.1")


def declare_counting(*, shared: bool) -> list[Message]:
    """Declare the format `counting`, and return the messages that it is given."""
    made: list[Message] = []

    @payload_format("counting")
    class CountingFormat(PayloadFormat):
        """Counts how often it is asked."""

        is_shared = shared

        def body(self, message: Message) -> bytes:
            made.append(message)
            return message.payload_json.encode()

    return made


def test_a_shared_body_is_made_once_for_all_webhooks_of_a_batch(
    owner: models.Model, receiver: Receiver
) -> None:
    made = declare_counting(shared=True)
    for number in range(50):
        subscribe(owner, receiver.url(f"/{number}"), payload_format="counting")
    publish(Ping(message="hello"), owner=owner)

    deliver()

    assert [request.json() for request in receiver.requests()] == [{"message": "hello"}] * 50
    assert [message.payload_json for message in made] == ['{"message":"hello"}']


def test_a_shared_format_is_told_of_no_webhook(owner: models.Model, receiver: Receiver) -> None:
    made = declare_counting(shared=True)
    subscribe(owner, receiver.url("/in"), payload_format="counting")
    publish(Ping(), owner=owner)

    deliver()

    assert [(message.webhook_id, message.url) for message in made] == [("", "")]


def test_each_selection_of_an_event_is_applied_once_for_all_bodies_made_of_it(
    owner: models.Model, receiver: Receiver
) -> None:
    made = declare_counting(shared=False)
    for number in range(50):
        wanted = EventSubscriptionSpec(event_type="ping", selection="{ message }")
        subscribe(owner, receiver.url(f"/{number}"), wanted, payload_format="counting")
    publish(Ping(message="hello"), owner=owner)

    deliver()

    assert len({message.url for message in made}) == 50
    # One object, not merely equal texts.
    assert len({id(message.payload_json) for message in made}) == 1


def raises(message: Message) -> bytes:
    raise ZeroDivisionError(message.event_id)


def makes_text(message: Message) -> bytes:
    return message.payload_json  # type: ignore[return-value]  # what is tested


def declare_broken(break_down: Callable[[Message], bytes]) -> None:
    @payload_format("broken")
    class BrokenFormat(PayloadFormat):
        """Has a mistake in it."""

        is_shared = True

        def body(self, message: Message) -> bytes:
            return break_down(message)


@pytest.mark.parametrize(
    ("break_down", "reason"), [(raises, "the log of the sender"), (makes_text, "made no bytes")]
)
def test_a_format_that_breaks_is_a_failed_attempt_of_its_webhooks_alone(
    owner: models.Model,
    receiver: Receiver,
    break_down: Callable[[Message], bytes],
    reason: str,
) -> None:
    declare_broken(break_down)
    subscribe(owner, receiver.url("/broken"), payload_format="broken")
    subscribe(owner, receiver.url("/broken/too"), payload_format="broken")
    subscribe(owner, receiver.url("/whole"))
    publish(Ping(), owner=owner)

    deliver()

    assert [request.path for request in receiver.requests()] == ["/whole"]
    failed = Delivery.objects.filter(webhook__payload_format="broken")
    assert {each.status for each in failed} == {Delivery.Status.RETRYING}
    for attempt in Attempt.objects.filter(delivery__in=failed):
        assert attempt.outcome == Attempt.Outcome.CONNECTION_FAILED
        assert "'broken'" in attempt.error_message
        assert reason in attempt.error_message
        assert attempt.request_headers == []


def test_what_a_format_raises_is_logged_with_its_traceback(
    owner: models.Model, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    declare_broken(raises)
    subscribe(owner, receiver.url("/in"), payload_format="broken")
    publish(Ping(), owner=owner)

    deliver()

    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "headers", [{"X-A": "two\nlines"}, {"X A": "1"}, {"X-A": 1}, {"X-A": "\u20ac"}, None]
)
def test_headers_that_http_does_not_allow_are_a_failed_attempt(
    owner: models.Model, receiver: Receiver, headers: Mapping[str, str]
) -> None:
    @payload_format("odd")
    class OddFormat(PayloadFormat):
        """Makes headers that cannot be sent."""

        def body(self, message: Message) -> bytes:
            return b"1"

        def headers(self, message: Message, *, body: bytes, sign: Sign) -> Mapping[str, str]:
            return headers

    subscribe(owner, receiver.url("/in"), payload_format="odd")
    publish(Ping(), owner=owner)

    deliver()

    assert "headers that HTTP does not allow" in Attempt.objects.get().error_message
    assert not receiver.requests()


def test_a_delivery_whose_format_is_gone_is_sent_once_it_is_back(
    owner: models.Model, receiver: Receiver
) -> None:
    with payload_formats.scratch():
        declare_counting(shared=True)
        subscribe(owner, receiver.url("/in"), payload_format="counting")
    publish(Ping(message="hello"), owner=owner)
    deliver()

    assert "'counting' is not registered any more" in Attempt.objects.get().error_message
    declare_counting(shared=True)
    deliver(now=later(minutes=1))
    [request] = receiver.requests("/in")
    assert request.json() == {"message": "hello"}
