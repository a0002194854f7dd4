"""Endpoints that repeat what they were sent: the credentials stay out of what is kept."""

from __future__ import annotations

import base64
import json

import pytest
from django.db import models

from delivery.authentication import (
    Authentication,
    BasicAuthentication,
    BearerAuthentication,
    HeaderAuthentication,
)
from delivery.models import Attempt
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db

PAIR = base64.b64encode(b"ada:open sesame").decode()


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize(
    ("chosen", "sent"),
    [
        (BasicAuthentication(username="ada", password="open sesame"), f"Basic {PAIR}"),
        (BearerAuthentication(token="tok-5e5a3e"), "Bearer tok-5e5a3e"),
        (HeaderAuthentication(header_name="X-Key", header_value="open 5e5a3e"), "open 5e5a3e"),
    ],
)
def test_credentials_that_come_back_in_an_answer_are_hidden(
    owner: models.Model,
    receiver: Receiver,
    status: int,
    chosen: Authentication,
    sent: str,
) -> None:
    body = json.dumps({"you sent": sent, "that is": sent.partition(" ")[2]}).encode()
    receiver.answers(status, body=body, headers={"X-Echo": sent, "X-Fine": "fine"})
    subscribe(owner, receiver.url("/in"), authentication=chosen)
    publish(Ping(), owner=owner)

    deliver()

    attempt = Attempt.objects.get()
    assert json.loads(attempt.response_body) == {"you sent": "•••", "that is": "•••"}
    shown = dict(attempt.response_headers or ())
    assert (shown["X-Echo"], shown["X-Fine"]) == ("•••", "fine")


def test_what_is_too_short_to_be_a_secret_does_not_blot_out_an_answer(
    owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(200, body=b"all is well")
    chosen = HeaderAuthentication(header_name="X-Key", header_value="a l")
    subscribe(owner, receiver.url("/in"), authentication=chosen)
    publish(Ping(), owner=owner)

    deliver()

    assert Attempt.objects.get().response_body == "all is well"
