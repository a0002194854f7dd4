"""Opening connections: TCP to a checked address, TLS in the name of the URL's host."""

import errno
import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import NamedTuple, Protocol

import certifi
import requests

from delivery.http.deadline import Deadline
from delivery.http.endpoints import Endpoint
from delivery.http.failures import dialling
from delivery.http.outcomes import Phase
from delivery.http.purposes import Address
from delivery.http.streams import PlainStream, Stream, TlsStream, failure_of


class Connect(Protocol):
    """Opens a socket to an address."""

    def __call__(self, address: Address, *, port: int, seconds: float) -> socket.socket:
        """Return a connected socket.

        Raises:
            OSError: there is nobody, or nobody answered in that many seconds.
        """


class Dialled(NamedTuple):
    """An open connection, and the address to which it leads."""

    stream: Stream
    address: Address


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Make the context that all connections share: TLS 1.2 or newer, certificates verified.

    It trusts the authorities of `ca_file` (PEM), or else those of certifi.
    """
    # Built by hand since `ssl.create_default_context` obeys SSLKEYLOGFILE from the environment.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    context.load_verify_locations(ca_file or certifi.where())
    return context


def connect_tcp(address: Address, *, port: int, seconds: float) -> socket.socket:
    """Open a TCP connection to an address, just as it is.

    Raises:
        OSError: there is nobody, or nobody answered in that many seconds.
    """
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.settimeout(seconds)
        connecting.connect((str(address), port))
        connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        connecting.close()
        raise
    return connecting


def dial(
    *,
    endpoint: Endpoint,
    addresses: Sequence[Address],
    connect: Connect,
    tls: ssl.SSLContext,
    deadline: Deadline,
) -> Dialled:
    """Connect to the first of the addresses that answers, with TLS if the endpoint asks for it.

    The addresses are dialled as they are; no name is looked up here.

    Raises:
        DeadlineError: the deadline passed in `Phase.CONNECT` or `Phase.TLS`.
        TlsError: the handshake failed, or the certificate is not one for the host.
        UnreachableError: none of the addresses accepts connections.
    """
    connected, address = _connect(addresses, port=endpoint.port, connect=connect, deadline=deadline)
    if endpoint.scheme == "http":
        return Dialled(PlainStream(connected), address)
    secured = TlsStream(connected, context=tls, host=endpoint.host)
    try:
        with dialling(address):
            secured.shake_hands(deadline=deadline)
    except requests.RequestException:
        secured.close()
        raise
    return Dialled(secured, address)


def _connect(
    addresses: Sequence[Address], *, port: int, connect: Connect, deadline: Deadline
) -> tuple[socket.socket, Address]:
    failure = OSError(errno.EADDRNOTAVAIL, "no address")
    for position, address in enumerate(addresses):
        # An equal share for each address left: one that swallows packets must not use up the time
        # of the next, which may answer.
        share = deadline.remaining(Phase.CONNECT) / (len(addresses) - position)
        try:
            return connect(address, port=port, seconds=share), address
        except OSError as error:
            failure = error
    with dialling(addresses[-1]):
        raise failure_of(failure, phase=Phase.CONNECT, deadline=deadline) from failure
