"""Our own HTTP client: one deadline, checked addresses, and connections that are kept."""

import contextlib

from delivery.http.connection import Connection, RawAnswer
from delivery.http.deadline import Deadline
from delivery.http.dialing import Connect, connect_tcp, dial, tls_context
from delivery.http.endpoints import Endpoint, EndpointRules
from delivery.http.failures import AttemptError, NoAnswerError, dialling
from delivery.http.headers import Headers
from delivery.http.lookup import CheckedLookup
from delivery.http.messages import request_bytes
from delivery.http.pool import IdleConnections, Origin
from delivery.http.purposes import Address
from delivery.http.request import OutgoingRequest
from delivery.http.resolver import Resolver, system_resolver


class Client:
    """Speaks HTTP/1.1 over sockets of its own; may be used by many threads at once.

    It follows no redirect, keeps no cookie, and takes no proxy, certificate or password from the
    environment. `resolver` looks names up, and `connect` opens sockets to the addresses that
    `rules` permit.
    """

    def __init__(
        self,
        *,
        rules: EndpointRules,
        ca_file: str | None = None,
        resolver: Resolver = system_resolver,
        connect: Connect = connect_tcp,
    ) -> None:
        self._rules = rules.addresses
        self._connect = connect
        self._lookup = CheckedLookup(rules=rules.addresses, resolver=resolver)
        self._tls = tls_context(ca_file)
        self._idle = IdleConnections()

    def post(self, request: OutgoingRequest, *, endpoint: Endpoint, headers: Headers) -> RawAnswer:
        """Send a request to its endpoint, with headers that are all of those that it goes out with.

        Connections are reused within the request's group. Answers and errors tell which address was
        dialled, if that may be shown.

        Raises:
            DeadlineError: no complete head came in time.
            RefusedAddressError: the rules refuse an address of the host.
            TlsError, UnreachableError: the exchange failed otherwise.
            requests.exceptions.InvalidHeader: a header of the request is not allowed by HTTP.
        """
        deadline = Deadline.after(request.timeout.total_seconds())
        message = request_bytes(target=endpoint.target, headers=headers, body=request.body)
        group = request.connection_group
        try:
            answer = self._exchange(message, endpoint=endpoint, group=group, deadline=deadline)
        except AttemptError as error:
            error.remote_address = self._shown(error.remote_address, endpoint=endpoint)
            raise
        return answer._replace(address=self._shown(answer.address, endpoint=endpoint))

    def close(self) -> None:
        """Close the connections that are kept open, and look up no more names."""
        self._idle.close()
        self._lookup.close()

    def _exchange(
        self, message: bytes, *, endpoint: Endpoint, group: str, deadline: Deadline
    ) -> RawAnswer:
        origin = Origin(group, endpoint.scheme, endpoint.host, endpoint.port)
        reused = self._idle.take(origin)
        if reused is not None:
            # A receiver may close a connection just as we write on it, so we write once more on a
            # fresh one. Had it read the request all the same, this is a retry like any other: it
            # carries the same id, by which receivers know a repeat.
            with contextlib.suppress(NoAnswerError):
                return self._run(reused, message, origin=origin, deadline=deadline)
        dialled = dial(
            endpoint=endpoint,
            addresses=self._lookup.addresses(endpoint, group=group, deadline=deadline),
            connect=self._connect,
            tls=self._tls,
            deadline=deadline,
        )
        return self._run(Connection(dialled), message, origin=origin, deadline=deadline)

    def _run(
        self, connection: Connection, message: bytes, *, origin: Origin, deadline: Deadline
    ) -> RawAnswer:
        try:
            with dialling(connection.address):
                return connection.exchange(message, deadline=deadline)
        finally:
            if connection.can_be_kept:
                self._idle.put(origin, connection)
            else:
                connection.close()

    def _shown(self, address: Address | None, *, endpoint: Endpoint) -> Address | None:
        if address and self._rules.may_show(address, host=endpoint.host):
            return address
        return None
