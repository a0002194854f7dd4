"""Formats as receivers get them: written for other packages, they go on working unchanged."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from pytest_django import Settings
from standardwebhooks import Webhook as Verifier

from delivery.formats import payload_formats
from events import Event
from events.event import event_types
from events.publishing import publish
from events.webhooks import Ping
from examples.bookshop.webhooks import PersonSaved
from tests.services.messages import ReceivedRequest
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db


def whisperer_receiver(request: ReceivedRequest, *, secret_key: str) -> dict[str, Any]:
    """Take a request as a receiver does that was written for dj-whisperer."""
    signed = hmac.new(secret_key.encode(), request.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(request.headers["X-Whisperer-Signature"], f"sha256={signed}")
    content: dict[str, Any] = json.loads(request.body)
    assert request.headers["X-Whisperer-Event"] == content["event"]["type"]
    return content


def rest_hooks_receiver(request: ReceivedRequest) -> tuple[str, dict[str, Any]]:
    """Take a request as a receiver does that was written for django-rest-hooks."""
    received = json.loads(request.body)
    return received["hook"]["event"], received["data"]


def test_w17_w18_w19_a_receiver_written_for_dj_whisperer_keeps_working(
    owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), payload_format="whisperer")
    record = publish(Ping(message="hello"), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    secret_key = webhook.signing_secrets.get().secret
    content = whisperer_receiver(request, secret_key=secret_key)
    assert (request.method, request.headers["Content-Type"]) == ("POST", "application/json")
    assert request.headers["X-Whisperer-Event"] == "ping"
    assert content == {
        "event": {"type": "ping", "uuid": record.pk.hex},
        "data": {"message": "hello"},
    }


def test_w19_another_secret_or_another_body_gives_another_signature(
    owner: models.Model, receiver: Receiver
) -> None:
    for path in ("/a", "/b"):
        subscribe(owner, receiver.url(path), payload_format="whisperer")
    publish(Ping(message="hello"), owner=owner)
    publish(Ping(message="bye"), owner=owner)

    deliver()

    signatures = {each.headers["X-Whisperer-Signature"] for each in receiver.requests()}
    assert len(signatures) == 4


def test_r7_r10_an_event_without_a_model_goes_to_its_owners_hooks_as_rest_hooks_sends_it(
    owner: models.Model, other_owner: models.Model, receiver: Receiver
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), payload_format="rest_hooks")
    subscribe(other_owner, receiver.url("/other"), payload_format="rest_hooks")

    with pytest.raises(TypeError, match="owner"):
        publish(Ping())  # type: ignore[call-arg]  # what is tested
    publish(Ping(message="hello"), owner=owner)
    deliver()

    [request] = receiver.requests()
    assert (request.method, request.path) == ("POST", "/in")
    assert request.headers["Content-Type"] == "application/json"
    assert request.json() == {
        "hook": {"id": webhook.public_id, "event": "ping", "target": receiver.url("/in")},
        "data": {"message": "hello"},
    }
    assert rest_hooks_receiver(request) == ("ping", {"message": "hello"})


def test_d13_a_receiver_written_for_durian_reads_the_payload_from_the_body(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"), "person.saved", payload_format="data_only")
    publish(PersonSaved(person_id=1, name="Joe", address="Portland"), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    payload = json.loads(request.body)
    assert payload["name"] == "Joe"
    assert request.headers["Content-Type"] == "application/json"


def test_a_cloud_event_is_one_to_the_library_of_cloud_events(
    owner: models.Model, receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOK_EVENT_SOURCE = "https://shop.example.com"
    subscribe(owner, receiver.url("/in"), payload_format="cloudevents")
    record = publish(Ping(message="hello"), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    event = from_http_event(HTTPMessage(headers=dict(request.headers), body=request.body))
    assert request.headers["Content-Type"] == "application/cloudevents+json"
    assert (event.get_specversion(), event.get_id()) == ("1.0", record.public_id)
    assert event.get_source() == "https://shop.example.com"
    assert (event.get_type(), event.get_time()) == ("ping", record.occurred_at)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == {"message": "hello"}


@pytest.mark.parametrize("name", payload_formats.names())
def test_every_format_is_signed_by_standard_webhooks_over_the_bytes_that_are_sent(
    owner: models.Model, receiver: Receiver, name: str
) -> None:
    webhook = subscribe(owner, receiver.url("/in"), payload_format=name)
    publish(Ping(message="hello"), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    verifier = Verifier(webhook.signing_secrets.get().secret)
    assert verifier.verify(request.body, dict(request.headers)) == request.json()


@pytest.mark.parametrize("name", ["rest_hooks", "standard"])
def test_r23_days_moments_decimals_and_uuids_are_encoded_as_django_encodes_them(
    owner: models.Model, receiver: Receiver, name: str
) -> None:
    values: dict[str, Any] = {
        "invoice_id": UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
        "amount": Decimal("9.90"),
        "due_on": date(2026, 2, 28),
        "paid_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    }
    with event_types.scratch():

        class InvoicePaid(Event, name="invoice.paid"):
            """An invoice was paid in full."""

            invoice_id: UUID
            amount: Decimal
            due_on: date
            paid_at: datetime

        subscribe(owner, receiver.url("/in"), "invoice.paid", payload_format=name)
        publish(InvoicePaid(**values), owner=owner)
        deliver()

    [request] = receiver.requests("/in")
    assert request.json()["data"] == json.loads(json.dumps(values, cls=DjangoJSONEncoder))
