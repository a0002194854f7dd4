from datetime import timedelta

import pytest

from delivery.http.outcomes import (
    Accepted,
    Blocked,
    HttpAnswer,
    Interrupted,
    Outcome,
    Phase,
    Rejected,
    TimedOut,
    TlsFailed,
    Unreachable,
)

TEAPOT = HttpAnswer(status_code=418, headers=(), body="", is_truncated=False)


@pytest.mark.parametrize(
    ("outcome", "error_message", "answer"),
    [
        (Accepted(answer=TEAPOT), None, TEAPOT),
        (Rejected(answer=TEAPOT), "The endpoint answered with status 418.", TEAPOT),
        (
            TimedOut(phase=Phase.CONNECT, after=timedelta(seconds=1.5)),
            "Timed out after 1.5 s while connecting.",
            None,
        ),
        (Unreachable(reason="Nobody there."), "Nobody there.", None),
        (TlsFailed(reason="No trust."), "No trust.", None),
        (Blocked(reason="Not there."), "Not there.", None),
        (Interrupted(times=5), "Sending this was broken off 5 times.", None),
    ],
)
def test_every_outcome_tells_its_error_and_its_answer(
    outcome: Outcome, error_message: str | None, answer: HttpAnswer | None
) -> None:
    assert (outcome.error_message, outcome.answer) == (error_message, answer)
    assert outcome.remote_address is None


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_words(phase: Phase) -> None:
    assert phase.description in str(TimedOut(phase=phase, after=timedelta(seconds=1)).error_message)
