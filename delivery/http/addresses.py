"""Where webhooks may be sent: the URLs that are endpoints, and the addresses that are dialled."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

import requests

from delivery.http.failures import ADDRESS_REFUSED

Address: TypeAlias = IPv4Address | IPv6Address

_MAX_URL_LENGTH = 2048
_MAX_HOST_LENGTH = 253
_DEFAULT_PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]+)([/?].*)?")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]+))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# What a WHATWG URL parser, and the C library, would read as a number: octal, hexadecimal, decimal.
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNWANTED_CHARACTER = re.compile(r"[^!-~]|[\\#]")


class InvalidEndpoint(requests.exceptions.InvalidURL):
    """A URL that is not an endpoint; the message tells its owner why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A URL that was understood in one way only, and is dialled in that way.

    `host` is lower case, without brackets; `target` is the path and query as they go on the wire;
    `address` is set when the host is an IP address and no name.
    """

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None

    @property
    def authority(self) -> str:
        """The value of the Host header (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_endpoint(url: str, *, allow_http: bool) -> Endpoint:
    """Read an endpoint's URL strictly, when it is registered and again when it is dialled.

    Whatever two URL parsers could read in two ways is refused, and fragments, which are never sent,
    are as well. International names are given in Punycode.

    Raises:
        InvalidEndpoint: the URL is not an endpoint, or is http and `allow_http` is off.
    """
    return _parse(url, allow_http=allow_http)


# The same URLs come again with each delivery, many of them in a second.
@functools.lru_cache(maxsize=4096)
def _parse(url: str, *, allow_http: bool) -> Endpoint:
    if len(url) > _MAX_URL_LENGTH:
        raise InvalidEndpoint(
            f"The URL is {len(url)} characters long; use {_MAX_URL_LENGTH} at most."
        )
    if unwanted := _UNWANTED_CHARACTER.search(url):
        raise InvalidEndpoint(
            f"The URL contains {unwanted[0]!a}. Leave out fragments, backslashes, spaces and "
            "control characters; percent-encode other characters, and write names in Punycode."
        )
    shape = _URL.fullmatch(url)
    if shape is None:
        raise InvalidEndpoint("The URL is not complete; write it like https://example.com/path.")
    scheme = shape[1].lower()
    if scheme != "https" and not (scheme == "http" and allow_http):
        allowed = "https or http" if allow_http else "https"
        raise InvalidEndpoint(f"The URL's scheme is {scheme!r}; use {allowed}.")
    host, port = _split_authority(shape[2])
    address = _literal_address(host)
    if address is None:
        _check_name(host)
    return Endpoint(
        scheme=scheme,
        host=host if address is None else str(address),
        port=_DEFAULT_PORTS[scheme] if port is None else _port_number(port),
        target=_target(shape[3] or ""),
        address=address,
    )


def _split_authority(authority: str) -> tuple[str, str | None]:
    if "@" in authority:
        raise InvalidEndpoint(
            "The URL contains credentials, or an @ in its host; leave them out. "
            "The signature says that a request is genuine."
        )
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise InvalidEndpoint(f"{authority!r} is not a host with an optional port.")
    return parts[1].lower(), parts[2]


def _literal_address(host: str) -> Address | None:
    try:
        if host.startswith("["):
            return IPv6Address(host[1:-1])
        if _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
            return IPv4Address(host)
    except ValueError:
        raise InvalidEndpoint(
            f"The host {host!r} is not an IP address; write all four numbers of an IPv4 address "
            "in decimal, and an IPv6 address in brackets."
        ) from None
    return None


def _check_name(host: str) -> None:
    if len(host) > _MAX_HOST_LENGTH or not all(map(_LABEL.fullmatch, host.split("."))):
        raise InvalidEndpoint(
            f"The host {host!r} is not a host name. Each part has 1 to 63 letters, digits, hyphens "
            f"and underscores, all together have {_MAX_HOST_LENGTH} at most, and none is empty."
        )


def _port_number(text: str) -> int:
    if not _PORT.fullmatch(text) or int(text) > 0xFFFF:  # noqa: PLR2004 - the largest port there is.
        raise InvalidEndpoint(f"The port {text!r} is not a number from 1 to 65535.")
    return int(text)


def _target(text: str) -> str:
    return text if text.startswith("/") else f"/{text}"


_GLOBAL_UNICAST_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = IPv6Network("::/96")
# Special purposes on which `is_global` differs between the versions of Python we run on.
_NOT_PUBLIC = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20"))
)
# Where clouds hand credentials to their machines: no allow-list may open these by accident.
_CLOUD_METADATA = frozenset(map(ip_address, ("169.254.169.254", "168.63.129.16", "fd00:ec2::254")))


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressRules:
    """Decides whether an address may be dialled: public ones, and those of `allowed_networks`."""

    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def refusal(self, address: Address) -> str | None:
        """Return None if the address may be dialled, else a sentence that does not say why.

        An address that carries an IPv4 address inside is refused if either of them is.
        """
        judged = (address, *_embedded(address))
        return None if all(map(self._permits, judged)) else ADDRESS_REFUSED

    def _permits(self, address: Address) -> bool:
        if address in _CLOUD_METADATA:
            return False
        return _is_public(address) or any(address in network for network in self.allowed_networks)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST_IPV6:
        return False
    if address.is_multicast or any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global


def _embedded(address: Address) -> Iterator[IPv4Address]:
    if isinstance(address, IPv4Address):
        return
    candidates = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    yield from (inner for inner in candidates if inner is not None)
    if address in _NAT64 or address in _IPV4_COMPATIBLE:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
