"""Authentication of a project's own: what it is given, and what if it is gone or breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from django.db import models

from delivery.authentication import Authentication, authentication, authentications
from delivery.http.request import OutgoingRequest
from delivery.models import Attempt, Delivery, Webhook
from delivery.options import Length, Secret
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with authentications.scratch():
        yield


def declare_tenant() -> Authentication:
    """Declare a scheme and return it with options."""

    @authentication("tenant")
    class TenantAuthentication(Authentication):
        """Names a tenant and signs for it."""

        tenant: Annotated[str, "Whose it is."]
        key: Annotated[str, "The key.", Length(1, 50), Secret()]

        def headers(self, request: OutgoingRequest) -> dict[str, str]:
            return {
                "X-Tenant": self.tenant,
                "X-Proof": f"{self.key}:{len(request.body)}:{request.delivery_id}",
                "Webhook-Id": "forged",
                "content-type": "text/plain",
            }

    return TenantAuthentication(tenant="shop", key="k")


def test_a_scheme_of_the_projects_own_sees_the_request_and_cannot_replace_our_headers(
    owner: models.Model, receiver: Receiver
) -> None:
    chosen = declare_tenant()
    subscribe(
        owner, receiver.url("/in"), authentication=chosen, headers=(("x-tenant", "someone else"),)
    )
    publish(Ping(), owner=owner)

    deliver()

    [request] = receiver.requests("/in")
    delivery = Delivery.objects.get()
    assert request.headers["X-Tenant"] == "shop"
    assert request.headers["X-Proof"] == f"k:{len(request.body)}:{delivery.public_id}"
    assert request.headers["webhook-id"] == delivery.public_id
    assert request.headers["Content-Type"] == "application/json"


def test_requests_fail_while_a_scheme_is_not_registered(
    owner: models.Model, receiver: Receiver
) -> None:
    with authentications.scratch():
        chosen = declare_tenant()
        subscribe(owner, receiver.url("/in"), authentication=chosen)
    subscribe(owner, receiver.url("/whole"))
    publish(Ping(), owner=owner)

    deliver()

    [attempt] = Attempt.objects.filter(outcome=Attempt.Outcome.CONNECTION_FAILED)
    assert "'tenant' is not registered any more" in attempt.error_message
    assert [each.path for each in receiver.requests()] == ["/whole"]
    Webhook.objects.filter(url=receiver.url("/in")).update(authentication=None)
    deliver(now=later(minutes=1))
    assert len(receiver.requests("/in")) == 1


@pytest.mark.parametrize("made", [{"X-A": "two\nlines"}, {"X-A": None}, "X-A: 1"])
def test_headers_that_http_does_not_allow_are_a_failed_attempt(
    owner: models.Model, receiver: Receiver, made: dict[str, str]
) -> None:
    @authentication("odd")
    class OddAuthentication(Authentication):
        """Makes headers that cannot be sent."""

        def headers(self, request: OutgoingRequest) -> dict[str, str]:
            return made

    subscribe(owner, receiver.url("/in"), authentication=OddAuthentication())
    publish(Ping(), owner=owner)

    deliver()

    assert "headers that HTTP does not allow" in Attempt.objects.get().error_message
    assert not receiver.requests()


def test_a_scheme_that_raises_is_a_failed_attempt_that_is_retried(
    owner: models.Model, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    @authentication("broken")
    class BrokenAuthentication(Authentication):
        """Has a mistake in it."""

        def headers(self, request: OutgoingRequest) -> dict[str, str]:
            raise ZeroDivisionError(request.url)

    subscribe(owner, receiver.url("/in"), authentication=BrokenAuthentication())
    publish(Ping(), owner=owner)

    deliver()

    assert Delivery.objects.get().status == Delivery.Status.RETRYING
    assert "the log of the sender says why" in Attempt.objects.get().error_message
    assert "ZeroDivisionError" in caplog.text


def test_headers_that_break_when_they_are_read_are_a_failed_attempt(
    owner: models.Model, receiver: Receiver
) -> None:
    class MoodyHeaders(dict[str, str]):
        def items(self) -> Any:
            raise ZeroDivisionError

    @authentication("moody")
    class MoodyAuthentication(Authentication):
        """Makes what cannot be read."""

        def headers(self, request: OutgoingRequest) -> dict[str, str]:
            return MoodyHeaders({"X-A": "1"})

    subscribe(owner, receiver.url("/in"), authentication=MoodyAuthentication())
    publish(Ping(), owner=owner)

    deliver()

    assert Delivery.objects.get().status == Delivery.Status.RETRYING
    assert "the log of the sender says why" in Attempt.objects.get().error_message
