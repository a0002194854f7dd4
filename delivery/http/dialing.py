"""Opening connections: TCP to a checked address, TLS in the name of the URL's host."""

import errno
import os
import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Address

import certifi
import requests

from delivery.http.deadline import Deadline
from delivery.http.endpoints import Endpoint
from delivery.http.failures import DeadlineError, TlsError, UnreachableError
from delivery.http.outcomes import Phase
from delivery.http.purposes import Address


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Make the context that all connections share: TLS 1.2 or newer, certificates verified.

    It trusts the authorities of `ca_file` (PEM), or else those of certifi.
    """
    # Built by hand since `ssl.create_default_context` obeys SSLKEYLOGFILE from the environment.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    context.load_verify_locations(ca_file or certifi.where())
    return context


def dial(
    *, endpoint: Endpoint, addresses: Sequence[Address], tls: ssl.SSLContext, deadline: Deadline
) -> socket.socket:
    """Connect to the first of the addresses that answers, with TLS if the endpoint asks for it.

    The addresses are dialled as they are; no name is looked up here.

    Raises:
        DeadlineError: the deadline passed in `Phase.CONNECT` or `Phase.TLS`.
        TlsError: the handshake failed, or the certificate is not one for the host.
        UnreachableError: none of the addresses accepts connections.
    """
    connected = _connect(addresses, port=endpoint.port, deadline=deadline)
    if endpoint.scheme == "http":
        return connected
    return _shake_hands(connected, host=endpoint.host, tls=tls, deadline=deadline)


def broken(error: OSError) -> UnreachableError | TlsError:
    """Say in one of our own exceptions how a socket failed, without naming an address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsError(f"The endpoint's certificate is not trusted: {error.verify_message}")
    if isinstance(error, ssl.SSLEOFError):
        return UnreachableError("The endpoint closed the connection.")
    if isinstance(error, ssl.SSLError):
        fault = (error.reason or "protocol error").replace("_", " ").lower()
        return TlsError(f"TLS with the endpoint failed: {fault}.")
    fault = os.strerror(error.errno or 0).lower()
    return UnreachableError(f"The connection to the endpoint failed: {fault}.")


def _connect(addresses: Sequence[Address], *, port: int, deadline: Deadline) -> socket.socket:
    failure = OSError(errno.EADDRNOTAVAIL, "no address")
    for position, address in enumerate(addresses):
        # An equal share for each address left: one that swallows packets must not use up the time
        # of the next, which may answer.
        share = deadline.remaining(Phase.CONNECT) / (len(addresses) - position)
        try:
            return _connect_to(address, port=port, seconds=share)
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise deadline.passed(Phase.CONNECT) from failure
    raise broken(failure) from failure


def _connect_to(address: Address, *, port: int, seconds: float) -> socket.socket:
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


def _shake_hands(
    connected: socket.socket, *, host: str, tls: ssl.SSLContext, deadline: Deadline
) -> socket.socket:
    secured: socket.socket = connected
    try:
        # CPython counts the whole handshake as one operation, so this is its limit.
        connected.settimeout(deadline.remaining(Phase.TLS))
        secured = tls.wrap_socket(connected, server_hostname=host, do_handshake_on_connect=False)
        secured.do_handshake()
    except DeadlineError:
        secured.close()
        raise
    except OSError as error:
        secured.close()
        raise _handshake_failure(error, deadline=deadline) from error
    return secured


def _handshake_failure(error: OSError, *, deadline: Deadline) -> requests.RequestException:
    return deadline.passed(Phase.TLS) if isinstance(error, TimeoutError) else broken(error)
