"""What our own transport makes of every behaviour."""

from __future__ import annotations

import time

import pytest

from delivery.hostile import Answered, Behaviour, Failure, HostileReceiver, behaviours
from delivery.http.outcomes import HttpAnswer, Outcome
from delivery.http.transport import Transport
from tests.delivery.hostile.outcomes import as_expectation
from tests.delivery.http.conftest import outgoing

_MOST_OF_A_BODY = 16 * 1024

every_behaviour = pytest.mark.parametrize("behaviour", behaviours.values(), ids=behaviours.keys())


def send(transport: Transport, receiver: HostileReceiver, behaviour: Behaviour) -> Outcome:
    """Send a request, and see to it that the outcome comes in time and can be stored."""
    timeout = _timeout(behaviour)
    start = time.monotonic()
    outcome = transport.send(outgoing(receiver.url(behaviour.name), timeout=timeout))
    assert time.monotonic() - start < timeout + 2
    if outcome.answer:
        assert_storable(outcome.answer)
    return outcome


def _timeout(behaviour: Behaviour) -> float:
    """Return a time that slow receivers use up, and no other does on a machine that is busy."""
    is_slow = behaviour.expected is Failure.TIMES_OUT or behaviour.name.startswith("dripping")
    return 0.5 if is_slow or behaviour.name == "body-without-end" else 20


def assert_storable(answer: HttpAnswer) -> None:
    assert len(answer.body) <= _MOST_OF_A_BODY
    for text in (answer.body, *(part for header in answer.headers for part in header)):
        assert "\x00" not in text
        text.encode()  # raises if there is a lone surrogate


@every_behaviour
def test_each_behaviour_is_met_with_the_outcome_that_it_expects(
    hostile: HostileReceiver, transport: Transport, behaviour: Behaviour
) -> None:
    outcome = send(transport, hostile, behaviour)

    assert as_expectation(outcome) == behaviour.expected


@every_behaviour
def test_what_a_behaviour_leaves_behind_confuses_no_later_request(
    hostile: HostileReceiver, transport: Transport, behaviour: Behaviour
) -> None:
    first = send(transport, hostile, behaviour)
    between = send(transport, hostile, behaviours["well-behaved"])
    last = send(transport, hostile, behaviour)

    assert as_expectation(first) == as_expectation(last) == behaviour.expected
    assert as_expectation(between) == Answered(status=200)
    # No other behaviour says this, or nothing would be told by it.
    assert between.answer
    assert ("X-Well-Behaved", "yes") in between.answer.headers
