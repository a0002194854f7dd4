"""Our outcomes in the words of the hostile receiver."""

from __future__ import annotations

from delivery.hostile import Answered, Expectation, Failure
from delivery.http.outcomes import (
    Accepted,
    Outcome,
    Rejected,
    TimedOut,
    TlsFailed,
    Unreachable,
)


def as_expectation(outcome: Outcome) -> Expectation:
    """Say how an attempt ended as the receiver would have expected it."""
    match outcome:
        case Accepted(answer=answer) | Rejected(answer=answer):
            return Answered(status=answer.status_code, is_body_cut=answer.is_truncated)
        case TimedOut():
            return Failure.TIMES_OUT
        case Unreachable():
            return Failure.NO_ANSWER
        case TlsFailed():
            return Failure.TLS_FAILS
    raise AssertionError(f"{outcome} is a refusal to send, which nothing here deserves.")
