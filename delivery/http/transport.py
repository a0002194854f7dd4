"""Sending: from an `OutgoingRequest` to an `Outcome`."""

import re
from datetime import timedelta
from importlib.metadata import version
from typing import Protocol

import requests
from requests.adapters import BaseAdapter

from delivery.http.client import Client
from delivery.http.connection import RawAnswer
from delivery.http.dialing import Connect, connect_tcp
from delivery.http.endpoints import Endpoint, EndpointRules, InvalidEndpoint, parse_endpoint
from delivery.http.failures import DeadlineError, RefusedAddressError, TlsError, UnreachableError
from delivery.http.foreign import ForeignClient, outcome_of_foreign
from delivery.http.headers import Headers, merged
from delivery.http.outcomes import (
    Accepted,
    Blocked,
    HttpAnswer,
    Outcome,
    Rejected,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from delivery.http.request import OutgoingRequest
from delivery.http.resolver import Resolver, system_resolver

__all__ = ["USER_AGENT", "RequestSender", "Transport"]

USER_AGENT = f"Hookline/{version('hookline')}"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class RequestSender(Protocol):
    """What sends requests: our `Transport`, or one that a project puts in its place."""

    def send(self, request: OutgoingRequest) -> Outcome:
        """Make one attempt; called by many threads at once.

        What it raises is logged, and its delivery is left until its lease runs out.
        """

    def close(self) -> None:
        """Give up what is kept open, when nothing more is sent."""


class Transport:
    """Sends requests to endpoints and says how each ended; may be used by many threads at once.

    `adapter` replaces what speaks HTTP. It then answers for addresses, names, `ca_file` and the
    deadline, all of which our own client keeps; URLs are checked before either is asked.
    """

    def __init__(  # noqa: PLR0913 - each can be left out.
        self,
        *,
        rules: EndpointRules,
        ca_file: str | None = None,
        resolver: Resolver = system_resolver,
        connect: Connect = connect_tcp,
        adapter: BaseAdapter | None = None,
        user_agent: str = USER_AGENT,
    ) -> None:
        self._rules = rules
        self._user_agent = ("User-Agent", user_agent)
        self._client = (
            ForeignClient(adapter)
            if adapter
            else Client(rules=rules, ca_file=ca_file, resolver=resolver, connect=connect)
        )

    def send(self, request: OutgoingRequest) -> Outcome:
        """Make one attempt. Nothing that a URL, a network or a receiver does raises."""
        try:
            endpoint = parse_endpoint(request.url, rules=self._rules)
            headers = self._headers(request, endpoint=endpoint)
            answer = self._client.post(request, endpoint=endpoint, headers=headers)
        except requests.RequestException as error:
            return _outcome_of(error, timeout=request.timeout)
        return _outcome_of_answer(answer)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

    def _headers(self, request: OutgoingRequest, *, endpoint: Endpoint) -> Headers:
        ours = (
            ("Host", endpoint.authority),
            ("Content-Length", str(len(request.body))),
            ("Accept-Encoding", "identity"),
        )
        # Ours come first, as Host should, and last, to win over others of the same name.
        together = merged(ours, (self._user_agent,), request.headers, ours)
        # It would win over Content-Length, and let a header decide where our request ends.
        return tuple(each for each in together if each[0].lower() != "transfer-encoding")


def _outcome_of_answer(raw: RawAnswer) -> Outcome:
    answer = HttpAnswer(
        status_code=raw.head.status_code,
        headers=_storable_headers(raw.head.headers),
        body=_storable(raw.body.decode(errors="replace")),
        is_truncated=raw.is_truncated,
    )
    if 200 <= answer.status_code <= 299:  # noqa: PLR2004 - RFC 9110, 15.3.
        return Accepted(answer=answer, remote_address=raw.address)
    return Rejected(answer=answer, remote_address=raw.address)


def _storable_headers(headers: Headers) -> Headers:
    joined: dict[str, tuple[str, str]] = {}
    for name, value in headers:
        key = name.lower()
        before = f"{joined[key][1]}, " if key in joined else ""
        joined[key] = (_storable(name), before + _storable(value))
    return tuple(joined.values())


def _storable(text: str) -> str:
    # Printable text, which is nearly all of it, has neither a NUL nor a surrogate.
    return text if text.isprintable() else _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _outcome_of(error: requests.RequestException, *, timeout: timedelta) -> Outcome:
    match error:
        case DeadlineError():
            return TimedOut(
                phase=error.phase, after=error.after, remote_address=error.remote_address
            )
        case InvalidEndpoint() | RefusedAddressError() | requests.exceptions.InvalidHeader():
            return Blocked(reason=str(error))
        case UnreachableError():
            return Unreachable(reason=str(error), remote_address=error.remote_address)
        case TlsError():
            return TlsFailed(reason=str(error), remote_address=error.remote_address)
    return outcome_of_foreign(error, timeout=timeout)
