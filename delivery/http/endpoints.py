"""Endpoints: URLs that are understood in one way only, and what they may be."""

import functools
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

import requests

from delivery.http.addresses import AddressRules
from delivery.http.purposes import Address

_MAX_URL_LENGTH = 2048
_MAX_HOST_LENGTH = 253
_DEFAULT_PORTS = {"http": 80, "https": 443}
# The "bad ports" of the Fetch standard (2.9, port blocking): what listens there speaks another
# protocol, and could take a request for commands.
_BAD_PORTS = frozenset(
    {
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95),
        *(101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179),
        *(389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601),
        *(636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000),
        *(6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    }
)

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]+)([/?].*)?")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]+))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# What a WHATWG URL parser, and the C library, would read as a number: octal, hexadecimal, decimal.
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNWANTED_CHARACTER = re.compile(r"[^!-~]|[\\#]")


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointRules:
    """What an endpoint may be: its scheme, its port, and the addresses behind its host.

    `allow_http` permits plain `http`. `allowed_ports` are the only ports there are, if there are
    any; otherwise all but those at which other protocols are spoken.
    """

    allow_http: bool = False
    allowed_ports: frozenset[int] = frozenset()
    addresses: AddressRules = field(default_factory=AddressRules)


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


def parse_endpoint(url: str, *, rules: EndpointRules) -> Endpoint:
    """Read an endpoint's URL strictly, when it is registered and again when it is dialled.

    Whatever two URL parsers could read in two ways is refused, and fragments, which are never sent,
    are as well. International names are given in Punycode. Where a name leads is not asked.

    Raises:
        InvalidEndpoint: the URL is not an endpoint, or has a scheme or port that `rules` refuse.
    """
    endpoint = _parse(url)
    if endpoint.scheme == "http" and not rules.allow_http:
        raise InvalidEndpoint("The URL's scheme is 'http'; use https.")
    _check_port(endpoint.port, allowed=rules.allowed_ports)
    return endpoint


def _check_port(port: int, *, allowed: frozenset[int]) -> None:
    if allowed and port not in allowed:
        ports = ", ".join(map(str, sorted(allowed)))
        raise InvalidEndpoint(f"The URL's port is {port}; use one of these: {ports}.")
    if not allowed and port in _BAD_PORTS:
        raise InvalidEndpoint(
            f"The URL's port is {port}, at which another protocol than HTTP is spoken; use another."
        )


# The same URLs come again with each delivery, many of them in a second.
@functools.lru_cache(maxsize=4096)
def _parse(url: str) -> Endpoint:
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
    if scheme not in _DEFAULT_PORTS:
        raise InvalidEndpoint(f"The URL's scheme is {scheme!r}; use https.")
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


def is_host_name(text: str) -> bool:
    """Tell whether a text, in lower case, can be the host of an endpoint and is no address."""
    is_number = _NUMERIC_LABEL.fullmatch(text.rpartition(".")[2])
    labels = text.split(".")
    return len(text) <= _MAX_HOST_LENGTH and not is_number and all(map(_LABEL.fullmatch, labels))


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
    if not is_host_name(host):
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
