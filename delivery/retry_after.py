"""What an endpoint asks for: `Retry-After`, and to slow down."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.utils.http import parse_http_date

from delivery.http.outcomes import HttpAnswer, Outcome, Rejected

LONGEST_OBEYED = timedelta(hours=24)
"""What is asked for beyond this counts as this: no answer may park a delivery for a year."""

_TOO_MANY_REQUESTS = 429  # RFC 6585, 4.
_UNAVAILABLE = 503  # RFC 9110, 15.6.4.

# Ten digits are 300 years; nobody who sends more means a time.
_SECONDS = re.compile(r"[0-9]{1,10}")


def retry_after(answer: HttpAnswer, *, now: datetime) -> timedelta | None:
    """Return how long to wait after an answer, `LONGEST_OBEYED` at most; None if it does not say.

    Seconds and the three forms of a date are understood (RFC 9110, 10.2.3 and 5.6.7). What is
    neither, is past or stands there more than once says nothing. Nothing is raised.
    """
    values = [value for name, value in answer.headers if name.lower() == "retry-after"]
    # Those that the transport has joined by commas are neither seconds nor a date.
    asked = _parsed(values[0].strip(" \t"), now=now) if len(values) == 1 else None
    return min(asked, LONGEST_OBEYED) if asked is not None and asked > timedelta() else None


def asked_wait(outcome: Outcome, *, now: datetime) -> timedelta:
    """Return how long the endpoint asks us to wait after an attempt, which may be not at all."""
    wait = retry_after(outcome.answer, now=now) if isinstance(outcome, Rejected) else None
    return wait or timedelta()


def asks_to_slow_down(outcome: Outcome, *, now: datetime) -> bool:
    """Return whether an answer is about all requests to an endpoint, not only about this one.

    429 is by itself, and 503 if it says by `Retry-After` until when. Without it, 503 is what a
    proxy answers for an endpoint that is down, and a failure like any other.
    """
    match outcome:
        case Rejected(answer=answer) if answer.status_code == _TOO_MANY_REQUESTS:
            return True
        case Rejected(answer=answer) if answer.status_code == _UNAVAILABLE:
            return retry_after(answer, now=now) is not None
        case _:
            return False


def _parsed(value: str, *, now: datetime) -> timedelta | None:
    if _SECONDS.fullmatch(value):
        return timedelta(seconds=int(value))
    try:
        moment = parse_http_date(value)
    except ValueError:
        return None
    return datetime.fromtimestamp(moment, UTC) - now
