"""What IP addresses are for: a table of our own, the same on every version of Python.

It follows IANA's registries of special-purpose addresses, of multicast and of IPv6 address space,
and adds what clouds use for their machines' metadata.
"""

import enum
import functools
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


class Purpose(enum.Enum):
    """What a network is for."""

    PUBLIC = "the internet"
    BENCHMARKING = "measuring of devices"
    BROADCAST = "every host of a network"
    CLOUD_METADATA = "what a cloud tells its machines, credentials among it"
    DISCARD = "packets to be thrown away"
    DOCUMENTATION = "examples in texts"
    IDENTIFIER = "names of hosts or segments that are not routed"
    LINK_LOCAL = "one link"
    LOOPBACK = "this host"
    MULTICAST = "groups of hosts"
    PRIVATE = "the inside of an organisation"
    PROTOCOL = "protocols of the IETF"
    RESERVED = "nothing yet, or nothing any more"
    SERVICE = "one kind of server that is everywhere, for names or for multicast"
    SHARED = "carriers, between them and their customers"
    TRANSLATION = "packets of IPv4 in IPv6"
    UNSPECIFIED = "no address, or this network"


NEVER_OPENED = frozenset(
    {
        Purpose.BROADCAST,
        Purpose.CLOUD_METADATA,
        Purpose.LINK_LOCAL,
        Purpose.MULTICAST,
        Purpose.UNSPECIFIED,
    }
)
"""No webhook can need these, and much harm can be done by them."""

_IPV4 = {
    "0.0.0.0/0": Purpose.PUBLIC,
    "0.0.0.0/8": Purpose.UNSPECIFIED,
    "10.0.0.0/8": Purpose.PRIVATE,
    "100.64.0.0/10": Purpose.SHARED,
    "100.80.80.80/32": Purpose.CLOUD_METADATA,  # UCloud
    "100.96.0.96/32": Purpose.CLOUD_METADATA,  # Volcengine and BytePlus
    "100.100.100.200/32": Purpose.CLOUD_METADATA,  # Alibaba
    "127.0.0.0/8": Purpose.LOOPBACK,
    "168.63.129.16/32": Purpose.CLOUD_METADATA,  # Azure
    "169.254.0.0/16": Purpose.LINK_LOCAL,
    "169.254.169.254/32": Purpose.CLOUD_METADATA,  # nearly all
    "169.254.170.2/32": Purpose.CLOUD_METADATA,  # AWS, for containers
    "169.254.170.23/32": Purpose.CLOUD_METADATA,  # AWS, for pods
    "172.16.0.0/12": Purpose.PRIVATE,
    "192.0.0.0/24": Purpose.PROTOCOL,
    "192.0.0.192/32": Purpose.CLOUD_METADATA,  # Oracle
    "192.0.2.0/24": Purpose.DOCUMENTATION,
    "192.31.196.0/24": Purpose.SERVICE,  # AS112
    "192.52.193.0/24": Purpose.SERVICE,  # multicast tunnels
    "192.88.99.0/24": Purpose.TRANSLATION,  # relays of 6to4
    "192.168.0.0/16": Purpose.PRIVATE,
    "192.175.48.0/24": Purpose.SERVICE,  # AS112
    "198.18.0.0/15": Purpose.BENCHMARKING,
    "198.51.100.0/24": Purpose.DOCUMENTATION,
    "203.0.113.0/24": Purpose.DOCUMENTATION,
    "224.0.0.0/4": Purpose.MULTICAST,
    "240.0.0.0/4": Purpose.RESERVED,
    "255.255.255.255/32": Purpose.BROADCAST,
}

_IPV6 = {
    "::/0": Purpose.RESERVED,  # whatever is not listed below
    "::/96": Purpose.TRANSLATION,  # IPv4-compatible
    "::/128": Purpose.UNSPECIFIED,
    "::1/128": Purpose.LOOPBACK,
    "::ffff:0:0/96": Purpose.TRANSLATION,  # IPv4-mapped
    "::ffff:0:0:0/96": Purpose.TRANSLATION,  # SIIT
    "64:ff9b::/96": Purpose.TRANSLATION,  # NAT64
    "64:ff9b:1::/48": Purpose.TRANSLATION,  # NAT64, for local use
    "100::/64": Purpose.DISCARD,
    "100:0:0:1::/64": Purpose.DISCARD,
    "2000::/3": Purpose.PUBLIC,
    "2001::/23": Purpose.PROTOCOL,
    "2001::/32": Purpose.TRANSLATION,  # Teredo
    "2001:2::/48": Purpose.BENCHMARKING,
    "2001:10::/28": Purpose.IDENTIFIER,  # ORCHID
    "2001:20::/28": Purpose.IDENTIFIER,  # ORCHID, version 2
    "2001:30::/28": Purpose.IDENTIFIER,  # drones
    "2001:db8::/32": Purpose.DOCUMENTATION,
    "2002::/16": Purpose.TRANSLATION,  # 6to4
    "2620:4f:8000::/48": Purpose.SERVICE,  # AS112
    "3ffe::/16": Purpose.RESERVED,  # the former 6bone
    "3fff::/20": Purpose.DOCUMENTATION,
    "5f00::/16": Purpose.IDENTIFIER,  # segment routing
    "fc00::/7": Purpose.PRIVATE,
    "fd00:42::42/128": Purpose.CLOUD_METADATA,  # Scaleway
    "fd00:100::100:200/128": Purpose.CLOUD_METADATA,  # Alibaba
    "fd00:a9fe:a9fe::1/128": Purpose.CLOUD_METADATA,  # Linode
    "fd00:c1::a9fe:a9fe/128": Purpose.CLOUD_METADATA,  # Oracle
    "fd00:ec2::/32": Purpose.CLOUD_METADATA,  # AWS
    "fd20:ce::254/128": Purpose.CLOUD_METADATA,  # Google
    "fe80::/10": Purpose.LINK_LOCAL,
    "fe80::a9fe:a9fe/128": Purpose.CLOUD_METADATA,  # OpenStack
    "fec0::/10": Purpose.PRIVATE,  # site-local
    "ff00::/8": Purpose.MULTICAST,
}


def _narrowest_first(table: Mapping[str, Purpose]) -> list[tuple[Network, Purpose]]:
    entries = [(ip_network(text), purpose) for text, purpose in table.items()]
    return sorted(entries, key=lambda entry: entry[0].prefixlen, reverse=True)


_TABLES = {4: _narrowest_first(_IPV4), 6: _narrowest_first(_IPV6)}


# The same addresses come again and again, here and below.
@functools.lru_cache(maxsize=4096)
def purpose_of(address: Address) -> Purpose:
    """Return what an address is for, by the narrowest network of the table that holds it."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        # Only addresses of one link have a zone (RFC 4007, 11).
        return Purpose.LINK_LOCAL
    return next(purpose for network, purpose in _TABLES[address.version] if address in network)


@functools.lru_cache(maxsize=4096)
def is_public(address: Address) -> bool:
    """Tell whether an address, and whatever address it carries, is of the internet."""
    return all(purpose_of(each) is Purpose.PUBLIC for each in (address, *carried_by(address)))


_IPV4_AT_THE_END = tuple(
    map(IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"))
)
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_TEREDO = IPv6Network("2001::/32")
_6TO4 = IPv6Network("2002::/16")
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214, 6.1.
_32_BITS = 0xFFFF_FFFF


def carried_by(address: Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address stands for or carries, in any known form."""
    if isinstance(address, IPv4Address) or int(address) <= 1:
        # `::` and `::1` have meanings of their own.
        return ()
    return tuple(IPv4Address(number & _32_BITS) for number in _carried_numbers(address))


def _carried_numbers(address: IPv6Address) -> Iterator[int]:
    number = int(address)
    if any(address in network for network in _IPV4_AT_THE_END):
        yield number
    if address in _6TO4:
        yield number >> 80
    if address in _TEREDO:
        yield number >> 64  # the server
        yield ~number  # the client
    if number >> 32 & _32_BITS in _ISATAP:
        yield number
    if address in _LOCAL_NAT64:
        yield from _by_local_nat64(number)


def _by_local_nat64(number: int) -> Iterable[int]:
    # RFC 6052, 2.2. We cannot know how long the prefix is, so all forms are read. The last 32 bits
    # follow one of 96; after a shorter one, bits 64 to 71 are left out.
    without_bits_64_to_71 = number >> 64 << 56 | number & (1 << 56) - 1
    forms = (number, *(without_bits_64_to_71 >> 88 - length for length in (48, 56, 64)))
    # A form that was not meant mostly reads as this network, to which nothing can be translated.
    return (form for form in forms if IPv4Address(form & _32_BITS) not in _THIS_NETWORK)
