"""An adapter for `requests` that keeps one deadline and dials only checked addresses."""

import contextlib
from collections.abc import Mapping

import requests
from requests.adapters import BaseAdapter

from delivery.http.connection import BODY_LIMIT, Connection, RawAnswer
from delivery.http.deadline import Deadline
from delivery.http.dialing import Connect, connect_tcp, dial, tls_context
from delivery.http.endpoints import Endpoint, EndpointRules, parse_endpoint
from delivery.http.failures import AttemptError, NoAnswerError, dialling
from delivery.http.lookup import CheckedLookup
from delivery.http.messages import request_bytes
from delivery.http.pool import IdleConnections, Origin
from delivery.http.purposes import Address
from delivery.http.resolver import Resolver, system_resolver

__all__ = ["BODY_LIMIT", "CappedResponse", "DeadlineAdapter", "GroupedRequest"]


class GroupedRequest(requests.PreparedRequest):
    """A prepared request that says with which others it may share connections."""

    connection_group: str


class CappedResponse(requests.Response):
    """A response whose body was read already, up to 16 KiB.

    `remote_address` is where it came from, if that may be shown.
    """

    is_truncated: bool
    remote_address: Address | None
    _content_consumed: bool


class DeadlineAdapter(BaseAdapter):
    """Speaks HTTP/1.1 over sockets of its own; may be used by many threads at once.

    It follows no redirect, keeps no cookie, and takes no proxy, certificate or password from the
    environment. Connections are reused for a `GroupedRequest`, within its group. `resolver` looks
    names up, and `connect` opens sockets to the addresses that `rules` permit.
    """

    def __init__(
        self,
        *,
        rules: EndpointRules,
        ca_file: str | None = None,
        resolver: Resolver = system_resolver,
        connect: Connect = connect_tcp,
    ) -> None:
        super().__init__()
        self._rules = rules
        self._connect = connect
        self._lookup = CheckedLookup(rules=rules.addresses, resolver=resolver)
        self._tls = tls_context(ca_file)
        self._idle = IdleConnections()

    def send(  # noqa: PLR0913, PLR0917 - the signature is that of `requests`.
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as above; a body is always read.
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - as above; always verified.
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> CappedResponse:
        """Send one request; `timeout` is in seconds and covers the whole exchange.

        Errors tell in `remote_address` which address was dialled, if that may be shown.

        Raises:
            DeadlineError: no complete head came in time.
            InvalidEndpoint: the URL is not one to send to.
            RefusedAddressError: the rules refuse an address of the host.
            TlsError, UnreachableError: the exchange failed otherwise.
            requests.exceptions.InvalidHeader: a header of the request is not allowed by HTTP.
            ValueError: `timeout` is not one number, or the method is `HEAD`, `CONNECT` or none.
        """
        if not isinstance(timeout, int | float):
            raise ValueError(f"timeout={timeout!r} is not one number of seconds; pass the total.")  # noqa: TRY004 - the type is the one that `requests` allows.
        endpoint = parse_endpoint(request.url or "", rules=self._rules)
        try:
            answer = self._exchange(request, endpoint=endpoint, deadline=Deadline.after(timeout))
        except AttemptError as error:
            error.remote_address = self._shown(error.remote_address, endpoint=endpoint)
            raise
        response = _response(answer, request=request)
        response.remote_address = self._shown(answer.address, endpoint=endpoint)
        return response

    def close(self) -> None:
        """Close the connections that are kept open, and look up no more names."""
        self._idle.close()
        self._lookup.close()

    def _exchange(
        self, request: requests.PreparedRequest, *, endpoint: Endpoint, deadline: Deadline
    ) -> RawAnswer:
        message, origin = _message(request, endpoint=endpoint), _origin(request, endpoint=endpoint)
        reused = self._idle.take(origin) if origin else None
        if reused is not None:
            # A receiver may close a connection just as we write on it, so we write once more on a
            # fresh one. Had it read the request all the same, this is a retry like any other: it
            # carries the same id, by which receivers know a repeat.
            with contextlib.suppress(NoAnswerError):
                return self._run(reused, message, origin=origin, deadline=deadline)
        dialled = dial(
            endpoint=endpoint,
            addresses=self._lookup.addresses(endpoint, group=_group(request), deadline=deadline),
            connect=self._connect,
            tls=self._tls,
            deadline=deadline,
        )
        return self._run(Connection(dialled), message, origin=origin, deadline=deadline)

    def _run(
        self,
        connection: Connection,
        message: bytes,
        *,
        origin: Origin | None,
        deadline: Deadline,
    ) -> RawAnswer:
        is_kept = False
        try:
            with dialling(connection.address):
                answer = connection.exchange(message, deadline=deadline)
            is_kept = origin is not None and connection.can_be_kept
        finally:
            if not is_kept:
                connection.close()
        if is_kept and origin is not None:
            self._idle.put(origin, connection)
        return answer

    def _shown(self, address: Address | None, *, endpoint: Endpoint) -> Address | None:
        if address and self._rules.addresses.may_show(address, host=endpoint.host):
            return address
        return None


def _group(request: requests.PreparedRequest) -> str:
    return request.connection_group if isinstance(request, GroupedRequest) else ""


def _origin(request: requests.PreparedRequest, *, endpoint: Endpoint) -> Origin | None:
    if not isinstance(request, GroupedRequest):
        return None
    return Origin(request.connection_group, endpoint.scheme, endpoint.host, endpoint.port)


def _message(request: requests.PreparedRequest, *, endpoint: Endpoint) -> bytes:
    body = request.body or b""
    request.headers.setdefault("Host", endpoint.authority)
    return request_bytes(
        method=request.method or "POST",
        target=endpoint.target,
        headers=request.headers,
        body=body.encode() if isinstance(body, str) else body,
    )


def _response(answer: RawAnswer, *, request: requests.PreparedRequest) -> CappedResponse:
    response = CappedResponse()
    response.status_code = answer.head.status_code
    response.reason = answer.head.reason
    response.url = request.url or ""
    response.request = request
    response.is_truncated = answer.is_truncated
    # Where `requests` itself puts a body that was read.
    response._content, response._content_consumed = answer.body, True  # noqa: SLF001
    for name, value in answer.head.headers:
        known = response.headers.get(name)
        response.headers[name] = value if known is None else f"{known}, {value}"
    return response
