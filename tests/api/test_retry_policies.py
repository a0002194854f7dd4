"""A retry policy that was chosen over GraphQL says when an endpoint that fails is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import models

from delivery.models import Attempt, Delivery
from tests.api.client import GraphQL
from tests.api.mutations import CREATE, change, described
from tests.api.rows import record_ping
from tests.services.receiver import Receiver
from tests.work import deliver, later

LINEAR = {"linear": {"initialDelaySeconds": 60, "stepSeconds": 60, "maxDelaySeconds": 600}}
DOUBLED = {"exponential": {"initialDelaySeconds": 2, "factor": 2, "jitter": 0}}
CAPPED = {
    "exponential": {"initialDelaySeconds": 10, "factor": 2, "maxDelaySeconds": 30, "jitter": 0}
}
FROM_ONE = {"exponential": {"initialDelaySeconds": 1, "factor": 2, "jitter": 0}}


def waits_of(
    graphql: GraphQL, owner: models.Model, *, url: str, policy: dict[str, Any], retries: int
) -> list[int]:
    """Subscribe, publish, deliver whenever it is due, and return the waits in seconds."""
    settings = {name: {**chosen, "maxAttempts": 1 + retries} for name, chosen in policy.items()}
    wanted = described(url=url, retryPolicy=settings)
    assert not change(graphql, CREATE, user=owner, input=wanted)["userErrors"]
    record_ping(owner)
    waits: list[int] = []
    now = later(seconds=1)
    while True:
        deliver(now=now)
        delivery = Delivery.objects.get()
        if delivery.due_at is None:
            assert delivery.status == Delivery.Status.FAILED
            return waits
        waits.append((delivery.due_at - now) // timedelta(seconds=1))
        now = delivery.due_at


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(LINEAR, [*range(60, 600, 60), 600, 600, 600], id="w7"),
        pytest.param(DOUBLED, [2, 4, 8], id="w8"),
        pytest.param(CAPPED, [10, 20, 30, 30], id="w8-capped"),
        pytest.param({"fixed": {"delaySeconds": 30}}, [30, 30, 30], id="w9"),
        pytest.param(FROM_ONE, [1, 2, 4, 8, 16], id="r19"),
    ],
)
def test_w7_w8_w9_r19_an_endpoint_that_fails_is_sent_one_request_after_each_wait(
    graphql: GraphQL,
    owner: models.Model,
    receiver: Receiver,
    policy: dict[str, Any],
    expected: list[int],
) -> None:
    receiver.answers(500)

    url = receiver.url("/in")
    waits = waits_of(graphql, owner, url=url, policy=policy, retries=len(expected))

    assert waits == expected
    assert len(receiver.requests("/in")) == 1 + len(expected)


def test_r19_a_connection_that_fails_is_tried_again_five_times(
    graphql: GraphQL, owner: models.Model
) -> None:
    waits = waits_of(graphql, owner, url="http://127.0.0.1:4/", policy=FROM_ONE, retries=5)

    assert waits == [1, 2, 4, 8, 16]
    assert {attempt.outcome for attempt in Attempt.objects.all()} == {
        Attempt.Outcome.CONNECTION_FAILED
    }
    assert Attempt.objects.count() == 6
