"""`Retry-After`: how long an endpoint asks us to wait before the next request."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.utils.http import parse_http_date

from delivery.http.outcomes import HttpAnswer, Outcome, Rejected

LONGEST_OBEYED = timedelta(hours=24)
"""What is asked for beyond this counts as this: no answer may park a delivery for a year."""

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


def _parsed(value: str, *, now: datetime) -> timedelta | None:
    if _SECONDS.fullmatch(value):
        return timedelta(seconds=int(value))
    try:
        moment = parse_http_date(value)
    except ValueError:
        return None
    return datetime.fromtimestamp(moment, UTC) - now
