"""The page on formats shows what is sent, and its receivers read it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import models

from delivery.formats import Message, payload_formats
from delivery.http.headers import is_reserved
from events.publishing import publish
from events.webhooks import Ping
from tests.pages import Page, Reader
from tests.services.messages import ReceivedRequest
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

PAGE = Page("docs/formats.md")
EMMA = Message(
    event_id="evt_01890a5dac96774bbcceb302099a8057",
    event_uuid=UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
    event_type="book.added",
    occurred_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    payload_json='{"book_id":7,"title":"Emma","price":"9.90"}',
    source="urn:hookline",
)


def section(heading: str) -> str:
    """Return what stands under a heading of the page."""
    return re.split("\n#{2,3} ", PAGE.text.partition(f"\n### {heading}\n")[2])[0]


@pytest.mark.parametrize("name", payload_formats.names())
def test_a_format_is_shown_as_it_is_sent(name: str) -> None:
    found = payload_formats.get(name)
    of_webhook = replace(
        EMMA, webhook_id="whk_01890a5dac96774bbcceb302099a8057", url="https://example.com/in"
    )

    body = found.format.body(EMMA if found.format.is_shared else of_webhook)

    shown = re.findall(r"^```json\n(.*?)^```$", section(found.symbol), re.MULTILINE | re.DOTALL)
    assert [json.loads(text) for text in shown] == [json.loads(body)]
    assert f"| `{found.symbol}` | `{found.format.content_type}` |" in PAGE.text


@pytest.fixture
def receivers(
    owner: models.Model, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, Any]:
    """Return the functions that the page declares."""
    assert isinstance(owner, User)
    reader = Reader(owner=owner, url=receiver.url("/page"), monkeypatch=monkeypatch)
    reader.read(PAGE)
    return reader.namespace


def received(owner: models.Model, receiver: Receiver, name: str) -> tuple[ReceivedRequest, str]:
    """Return a ping as it was received in a format, and the secret of its webhook."""
    webhook = subscribe(owner, receiver.url("/in"), payload_format=name)
    publish(Ping(message="hello"), owner=owner)
    deliver()
    [request] = receiver.requests("/in")
    return request, webhook.signing_secrets.get().secret


def test_the_receiver_of_dj_whisperers_form_takes_only_what_is_genuine(
    owner: models.Model, receiver: Receiver, receivers: Mapping[str, Callable[..., object]]
) -> None:
    request, secret = received(owner, receiver, "whisperer")
    receive = receivers["receive_whisperer"]

    read = receive(headers=request.headers, body=request.body, secret=secret)

    assert read == ("ping", {"message": "hello"})
    with pytest.raises(ValueError, match="not ours"):
        receive(headers=request.headers, body=request.body + b" ", secret=secret)


def test_the_receiver_of_cloud_events_reads_one(
    owner: models.Model, receiver: Receiver, receivers: Mapping[str, Callable[..., object]]
) -> None:
    request, _ = received(owner, receiver, "cloudevents")

    read = receivers["receive_cloudevents"](headers=dict(request.headers), body=request.body)

    assert read == ("ping", {"message": "hello"})


def test_the_receiver_of_django_rest_hooks_form_reads_it(
    owner: models.Model, receiver: Receiver, receivers: Mapping[str, Callable[..., object]]
) -> None:
    request, _ = received(owner, receiver, "rest_hooks")

    assert receivers["receive_rest_hooks"](body=request.body) == ("ping", {"message": "hello"})


def test_the_receiver_of_data_alone_reads_it(
    owner: models.Model, receiver: Receiver, receivers: Mapping[str, Callable[..., object]]
) -> None:
    request, _ = received(owner, receiver, "data_only")

    assert receivers["receive_data_only"](body=request.body) == {"message": "hello"}


def test_every_header_that_is_said_to_be_refused_is_refused() -> None:
    _, _, said = PAGE.text.partition("| Header | Because |")
    names = re.findall(r"`([\w-]+)…?`", said.partition("\n## ")[0])

    assert len(names) > 15
    assert not [name for name in names if not is_reserved(name)]
