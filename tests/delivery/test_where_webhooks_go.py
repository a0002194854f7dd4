"""The settings that say where webhooks may be sent, when one is made and when it is sent."""

from __future__ import annotations

import pytest
from django.db import models
from pytest_django import Settings

from delivery.errors import ErrorCode, Refused
from delivery.models import Attempt, Webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


def codes_of(refused: pytest.ExceptionInfo[Refused]) -> list[ErrorCode]:
    return [mistake.code for mistake in refused.value.mistakes]


def outcome_of_a_ping(owner: models.Model) -> str:
    publish(Ping(), owner=owner)
    deliver()
    return Attempt.objects.latest("started_at").outcome


def by_name(receiver: Receiver) -> str:
    return receiver.url("/in").replace("127.0.0.1", "localhost")


@pytest.fixture
def closed(settings: Settings) -> Settings:
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    return settings


@pytest.mark.usefixtures("closed")
def test_a_name_that_leads_inside_can_be_registered_and_is_never_sent_to(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, by_name(receiver))

    assert outcome_of_a_ping(owner) == Attempt.Outcome.ADDRESS_BLOCKED
    assert not receiver.requests()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", ".localhost"])
def test_an_allowed_host_is_sent_to_wherever_it_is(
    owner: models.Model, receiver: Receiver, closed: Settings, host: str
) -> None:
    closed.WEBHOOK_ALLOWED_HOSTS = [host]
    subscribe(owner, by_name(receiver))

    assert outcome_of_a_ping(owner) == Attempt.Outcome.SUCCEEDED
    assert Attempt.objects.get().remote_address is None


def test_an_allowed_host_does_not_open_its_address_to_others(
    owner: models.Model, closed: Settings
) -> None:
    closed.WEBHOOK_ALLOWED_HOSTS = ["localhost"]

    with pytest.raises(Refused) as refused:
        subscribe(owner, "http://127.0.0.1:8000/in")

    assert codes_of(refused) == [ErrorCode.FORBIDDEN_ADDRESS]


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "0.0.0.0"]
)
def test_no_setting_lets_a_webhook_be_made_for_what_is_never_opened(
    owner: models.Model, settings: Settings, address: str
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"]
    settings.WEBHOOK_ALLOWED_HOSTS = [address]

    with pytest.raises(Refused) as refused:
        subscribe(owner, f"http://{address}:8000/in")

    assert codes_of(refused) == [ErrorCode.FORBIDDEN_ADDRESS]


def test_a_port_of_another_protocol_is_refused_with_what_to_do(owner: models.Model) -> None:
    with pytest.raises(Refused, match=r"port is 25.*use another") as refused:
        subscribe(owner, "https://example.com:25/")

    assert codes_of(refused) == [ErrorCode.INVALID]


def test_only_ports_that_are_listed_may_be_used(owner: models.Model, settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_PORTS = [443, 25]

    subscribe(owner, "https://example.com/")
    subscribe(owner, "https://example.com:25/")
    with pytest.raises(Refused, match="use one of these: 25, 443"):
        subscribe(owner, "https://example.com:8443/")


def test_a_webhook_is_not_sent_to_a_port_that_was_closed_since(
    owner: models.Model, receiver: Receiver, settings: Settings
) -> None:
    subscribe(owner, receiver.url("/in"))
    settings.WEBHOOK_ALLOWED_PORTS = [443]

    assert outcome_of_a_ping(owner) == Attempt.Outcome.ADDRESS_BLOCKED
    assert not receiver.requests()
    assert "use one of these: 443" in Attempt.objects.get().error_message


def test_all_internal_addresses_are_refused_in_the_same_words(owner: models.Model) -> None:
    messages = set()
    for address in ("10.0.0.1", "169.254.169.254", "[::]", "[fd00::1]", "[64:ff9b::a00:1]"):
        with pytest.raises(Refused) as refused:
            subscribe(owner, f"https://{address}/")
        messages |= {mistake.message for mistake in refused.value.mistakes}

    assert len(messages) == 1
    assert not Webhook.objects.exists()
