"""Echoes: answers that repeat the credentials of a request, as endpoints made for trying do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from delivery.http.headers import HIDDEN
from delivery.http.outcomes import Accepted, Outcome, Rejected
from delivery.http.request import OutgoingRequest

# What is shorter is no secret, and would be found all over an answer.
_SHORTEST = 4


def without_echoes(outcome: Outcome, *, of: OutgoingRequest) -> Outcome:
    """Return an outcome in whose answer the credentials of a request are hidden.

    They are found where they stand as they were sent, with or without the name of the scheme before
    them. What an endpoint decodes or rewrites first is not recognised.
    """
    if not of.secret_headers or not isinstance(outcome, Accepted | Rejected):
        return outcome
    secrets = sorted(set(_secrets(of)), key=len, reverse=True)
    answer = outcome.answer
    hidden = replace(
        answer,
        headers=tuple((name, _hidden(value, secrets)) for name, value in answer.headers),
        body=_hidden(answer.body, secrets),
    )
    return replace(outcome, answer=hidden)


def _secrets(request: OutgoingRequest) -> Iterator[str]:
    for name, value in request.headers:
        if name.lower() in request.secret_headers:
            yield from (text for text in (value, value.partition(" ")[2]) if len(text) >= _SHORTEST)


def _hidden(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
