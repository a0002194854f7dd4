"""Sending: from an `OutgoingRequest` to an `Outcome`."""

import contextlib
import re
from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import version
from typing import Protocol

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from delivery.http.adapter import BODY_LIMIT, CappedResponse, DeadlineAdapter, GroupedRequest
from delivery.http.endpoints import EndpointRules, InvalidEndpoint, parse_endpoint
from delivery.http.failures import DeadlineError, RefusedAddressError, TlsError, UnreachableError
from delivery.http.outcomes import (
    Accepted,
    Blocked,
    HttpAnswer,
    Outcome,
    Phase,
    Rejected,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from delivery.http.request import OutgoingRequest
from delivery.http.resolver import Resolver, system_resolver

__all__ = ["USER_AGENT", "DeadlineAdapter", "RequestSender", "Transport"]

USER_AGENT = f"Hookline/{version('hookline')}"

_BODY_PIECE = 1024
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

    `adapter` replaces what speaks HTTP. It then answers for the rules, the resolver, `ca_file` and
    the deadline, all of which our `DeadlineAdapter` keeps; URLs are checked before either is asked.
    """

    def __init__(
        self,
        *,
        rules: EndpointRules,
        ca_file: str | None = None,
        resolver: Resolver = system_resolver,
        adapter: BaseAdapter | None = None,
        user_agent: str = USER_AGENT,
    ) -> None:
        self._rules = rules
        self._user_agent = user_agent
        self._adapter = adapter or DeadlineAdapter(rules=rules, ca_file=ca_file, resolver=resolver)

    def send(self, request: OutgoingRequest) -> Outcome:
        """Make one attempt. Nothing that a URL, a network or a receiver does raises."""
        try:
            prepared = self._prepare(request)
            response = self._adapter.send(
                prepared, stream=True, timeout=request.timeout.total_seconds()
            )
            with contextlib.closing(response):
                return _outcome_of_answer(response)
        except requests.RequestException as error:
            return _outcome_of(error, timeout=request.timeout)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._adapter.close()

    def _prepare(self, request: OutgoingRequest) -> GroupedRequest:
        # Attribute by attribute, since `PreparedRequest.prepare` parses the URL in its own way and
        # costs more than all the rest.
        endpoint = parse_endpoint(request.url, rules=self._rules)
        headers = CaseInsensitiveDict({"User-Agent": self._user_agent})
        headers.update(request.headers)
        headers["Host"] = endpoint.authority
        headers["Content-Length"] = str(len(request.body))
        headers["Accept-Encoding"] = "identity"
        # It would win over Content-Length, and let a header decide where our request ends.
        headers.pop("Transfer-Encoding", None)
        prepared = GroupedRequest()
        prepared.method = "POST"
        prepared.url = request.url
        prepared.headers = headers
        prepared.body = request.body
        prepared.connection_group = request.connection_group
        return prepared


def _outcome_of_answer(response: requests.Response) -> Outcome:
    address = response.remote_address if isinstance(response, CappedResponse) else None
    answer = _read_answer(response)
    if 200 <= answer.status_code <= 299:  # noqa: PLR2004 - RFC 9110, 15.3.
        return Accepted(answer=answer, remote_address=address)
    return Rejected(answer=answer, remote_address=address)


def _read_answer(response: requests.Response) -> HttpAnswer:
    if isinstance(response, CappedResponse):
        body, is_truncated = response.content, response.is_truncated
    else:
        body, is_truncated = _read_body(response)
    return HttpAnswer(
        status_code=response.status_code,
        headers=_storable_headers(response.headers),
        body=_storable(body.decode(errors="replace")),
        is_truncated=is_truncated,
    )


def _read_body(response: requests.Response) -> tuple[bytes, bool]:
    body = bytearray()
    # The head has decided. A body that breaks off is only a shorter body.
    with contextlib.suppress(requests.RequestException):
        for piece in response.iter_content(_BODY_PIECE):
            body += piece
            if len(body) > BODY_LIMIT:
                break
        else:
            return bytes(body), False
    return bytes(body[:BODY_LIMIT]), True


def _storable_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((_storable(name), _storable(value)) for name, value in headers.items())


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
    return _outcome_of_foreign(error, timeout=timeout)


def _outcome_of_foreign(error: requests.RequestException, *, timeout: timedelta) -> Outcome:
    # Other adapters' messages may name addresses, so they are not passed on.
    match error:
        case requests.ConnectTimeout():
            return TimedOut(phase=Phase.CONNECT, after=timeout)
        case requests.Timeout():
            return TimedOut(phase=Phase.HEAD, after=timeout)
        case requests.exceptions.SSLError():
            return TlsFailed(reason="TLS with the endpoint failed.")
    return Unreachable(reason="The connection to the endpoint failed.")
