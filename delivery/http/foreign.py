"""Adapters of `requests` that a project puts in the place of our own client."""

import contextlib
from datetime import timedelta

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from delivery.http.answers import Head
from delivery.http.connection import BODY_LIMIT, RawAnswer
from delivery.http.endpoints import Endpoint
from delivery.http.headers import Headers
from delivery.http.outcomes import Outcome, Phase, TimedOut, TlsFailed, Unreachable
from delivery.http.request import OutgoingRequest

_BODY_PIECE = 1024


class ForeignClient:
    """Sends by an adapter, which answers for addresses, names, certificates and the deadline."""

    def __init__(self, adapter: BaseAdapter) -> None:
        self._adapter = adapter

    def post(self, request: OutgoingRequest, *, endpoint: Endpoint, headers: Headers) -> RawAnswer:
        """Send a request to its endpoint, with headers that are all of those that it goes out with.

        Raises:
            requests.RequestException: no answer came.
        """
        # Attribute by attribute, since `PreparedRequest.prepare` parses the URL in its own way.
        prepared = requests.PreparedRequest()
        prepared.method = "POST"
        prepared.url = request.url
        prepared.headers = CaseInsensitiveDict(headers)
        prepared.body = request.body
        seconds = request.timeout.total_seconds()
        response = self._adapter.send(prepared, stream=True, timeout=seconds)
        with contextlib.closing(response):
            body, is_truncated = _read_body(response)
        head = Head(response.status_code, tuple(response.headers.items()))
        return RawAnswer(head, body, is_truncated=is_truncated, address=None)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._adapter.close()


def outcome_of_foreign(error: requests.RequestException, *, timeout: timedelta) -> Outcome:
    """Say how an attempt ended, from an error of an adapter that is not ours."""
    # Its message may name addresses, so it is not passed on.
    match error:
        case requests.ConnectTimeout():
            return TimedOut(phase=Phase.CONNECT, after=timeout)
        case requests.Timeout():
            return TimedOut(phase=Phase.HEAD, after=timeout)
        case requests.exceptions.SSLError():
            return TlsFailed(reason="TLS with the endpoint failed.")
    return Unreachable(reason="The connection to the endpoint failed.")


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
