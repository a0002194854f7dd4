"""What is kept of an attempt beside its answer: where it went, and what timed out."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address
from random import Random

import pytest
from django.db import connection, models
from django.utils import timezone

from delivery import actors
from delivery.engine.engine import Engine
from delivery.http.adapter import DeadlineAdapter
from delivery.http.endpoints import EndpointRules
from delivery.http.outcomes import (
    Accepted,
    HttpAnswer,
    Outcome,
    Phase,
    TimedOut,
    Unreachable,
)
from delivery.http.request import OutgoingRequest
from delivery.http.transport import RequestSender, Transport
from delivery.models import Attempt
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.services.wires import Wires
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db(transaction=True)

THANKS = HttpAnswer(status_code=200, headers=(), body="thanks", is_truncated=False)


class Gateway:
    """A transport of a project's own, to which one thing happens."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def send(self, request: OutgoingRequest) -> Outcome:
        return self._outcome

    def close(self) -> None:
        """Nothing is open."""


def deliver_by(transport: RequestSender) -> Attempt:
    actors.fan_out()
    engine = Engine(transport=transport, max_senders=1, clock=timezone.now, random=Random(0))
    engine.run_until_idle()
    engine.stop()
    return Attempt.objects.get()


def test_the_public_address_that_was_dialled_is_kept(
    owner: models.Model, receiver: Receiver
) -> None:
    port = receiver.url().rpartition(":")[2].rstrip("/")
    subscribe(owner, f"http://receiver.example:{port}/in")
    publish(Ping(), owner=owner)
    rules = EndpointRules(allow_http=True)
    adapter = DeadlineAdapter(
        rules=rules, resolver=lambda _host, _port: ["93.184.216.34"], connect=Wires()
    )

    attempt = deliver_by(Transport(rules=rules, adapter=adapter))

    assert len(receiver.requests("/in")) == 1
    assert attempt.remote_address == "93.184.216.34"


def test_an_internal_address_is_not_kept(owner: models.Model, receiver: Receiver) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)

    deliver()

    attempt = Attempt.objects.get()
    assert attempt.outcome == Attempt.Outcome.SUCCEEDED
    assert attempt.remote_address is None
    assert attempt.timed_out_phase == ""


@pytest.mark.parametrize("phase", Phase)
def test_the_phase_that_timed_out_is_kept(owner: models.Model, phase: Phase) -> None:
    subscribe(owner, "https://receiver.example/")
    publish(Ping(), owner=owner)
    address = IPv4Address("93.184.216.34")

    attempt = deliver_by(
        Gateway(TimedOut(phase=phase, after=timedelta(seconds=1), remote_address=address))
    )

    assert attempt.timed_out_phase == phase.value
    assert attempt.remote_address == str(address)
    attempt.full_clean(exclude=["response_headers", "status_code", "remote_address"])


@pytest.mark.parametrize("outcome", [Accepted(answer=THANKS), Unreachable(reason="Nobody.")])
def test_a_transport_need_not_tell_where_it_went(owner: models.Model, outcome: Outcome) -> None:
    subscribe(owner, "https://receiver.example/")
    publish(Ping(), owner=owner)

    attempt = deliver_by(Gateway(outcome))

    assert (attempt.remote_address, attempt.timed_out_phase) == (None, "")


def test_a_worker_of_before_the_upgrade_can_still_record_an_attempt(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/in"))
    publish(Ping(), owner=owner)
    deliver()
    names = ", ".join(
        str(field.column)
        for field in Attempt._meta.concrete_fields
        if field.name not in {"id", "number", "remote_address", "timed_out_phase"}
    )

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO webhook_delivery_attempt (id, number, {names}) "
            f"SELECT %s, 2, {names} FROM webhook_delivery_attempt",
            ["0" * 32],
        )

    assert Attempt.objects.get(number=2).timed_out_phase == ""
