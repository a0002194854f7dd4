"""Receivers whose status says something odd, or wants the sender to do more than take note."""

from __future__ import annotations

from delivery.hostile.behaviour import NO_ANSWER, Answered, Behaviour
from delivery.hostile.scripts import answer, answering, flooding

_METADATA = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"


def _status(status: str, *, name: str = "", expected: int | None = None) -> Behaviour:
    return Behaviour(
        name=name or f"status-{status}",
        description=f"Answers with status `{status}`.",
        expected=Answered(status=expected) if expected else NO_ANSWER,
        behave=answering(answer(status)),
    )


def _redirect(name: str, where: str, location: str, *, status: int = 302) -> Behaviour:
    return Behaviour(
        name=name,
        description=f"Redirects {where}.",
        expected=Answered(status=status),
        behave=answering(answer(f"{status} Look There", f"Location: {location}")),
    )


def _retry_after(name: str, what: str, *values: str, status: int = 503) -> Behaviour:
    return Behaviour(
        name=name,
        description=f"Answers {status} with `Retry-After`: {what}.",
        expected=Answered(status=status),
        behave=answering(answer(f"{status} Later", *[f"Retry-After: {each}" for each in values])),
    )


STATUSES = (
    _status("000"),
    _status("099"),
    _status("600", expected=600),
    _status("999", expected=999),
    _status("1000"),
    _status("-200", name="status-negative"),
    _status("2OO", name="status-in-letters"),
    # In UTF-8, as digits that Python's `int` reads.
    _status("٢٠٠".encode().decode("latin-1"), name="status-in-arabic-digits"),
    _status("", name="status-missing"),
    Behaviour(
        name="gone",
        description="Answers 410: nothing more should be sent here.",
        expected=Answered(status=410),
        behave=answering(answer("410 Gone")),
    ),
)

REDIRECTS = (
    _redirect("redirect-to-metadata", "to where clouds keep the credentials of a host", _METADATA),
    _redirect("redirect-to-itself", "to itself, for ever", "redirect-to-itself"),
    _redirect("redirect-to-success", "to what answers 200", "/well-behaved", status=307),
    _redirect("redirect-to-file", "to a file of the sender's host", "file:///etc/passwd"),
    _redirect("redirect-to-gopher", "to a mail server", "gopher://127.0.0.1:25/_HELO%20you"),
    _redirect("redirect-to-nowhere", "to what is no URL", "http://[::1"),
    Behaviour(
        name="redirect-with-endless-body",
        description="Redirects, with a body without end that clients read before they follow.",
        expected=Answered(status=302, is_body_cut=True),
        behave=flooding(b"HTTP/1.1 302 Found\r\nLocation: /well-behaved\r\n\r\n", for_ever=b"o"),
    ),
)

RETRY_AFTER = (
    _retry_after("retry-after", "two minutes", "120"),
    _retry_after("too-many-requests", "two minutes", "120", status=429),
    _retry_after("retry-after-a-century", "a hundred years", "3155760000"),
    _retry_after("retry-after-the-past", "a date long ago", "Sun, 06 Nov 1994 08:49:37 GMT"),
    _retry_after("retry-after-the-year-9999", "a date far off", "Fri, 31 Dec 9999 23:59:59 GMT"),
    _retry_after("retry-after-no-date", "a date that is none", "Sun, 99 Nov 2094 88:49:37 GMT"),
    _retry_after("retry-after-negative", "a negative number", "-120"),
    _retry_after("retry-after-garbage", "no time at all", "soon"),
    _retry_after("retry-after-5000-digits", "a number of 5,000 digits", "9" * 5000),
    _retry_after("retry-after-many", "three that differ", "1", "3600", "soon"),
)
