"""The ways in which an IPv6 address can carry an IPv4 address."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address


def _after(prefix: str) -> Callable[[IPv4Address], IPv6Address]:
    start = int(IPv6Address(prefix))
    return lambda inner: IPv6Address(start | int(inner))


def _local_nat64(*, prefix_length: int) -> Callable[[IPv4Address], IPv6Address]:
    """Build an address as RFC 6052, 2.2 draws it: bits 64 to 71 are left out."""

    def build(inner: IPv4Address) -> IPv6Address:
        before = f"{int(IPv6Address('64:ff9b:1:ab00::')):0128b}"[:prefix_length]
        digits = (before + f"{int(inner):032b}").ljust(120, "0")
        return IPv6Address(int(digits[:64] + "0" * 8 + digits[64:], 2))

    return build


CARRIERS: dict[str, Callable[[IPv4Address], IPv6Address]] = {
    "mapped": _after("::ffff:0:0"),
    "compatible": _after("::"),
    "SIIT": _after("::ffff:0:0:0"),
    "NAT64": _after("64:ff9b::"),
    "local NAT64 /48": _local_nat64(prefix_length=48),
    "local NAT64 /56": _local_nat64(prefix_length=56),
    "local NAT64 /64": _local_nat64(prefix_length=64),
    "local NAT64 /96": _after("64:ff9b:1::"),
    "6to4": lambda inner: IPv6Address(0x2002 << 112 | int(inner) << 80 | 1),
    "Teredo server": lambda inner: IPv6Address(0x2001_0000 << 96 | int(inner) << 64),
    "Teredo client": lambda inner: IPv6Address(0x2001_0000 << 96 | int(inner) ^ 0xFFFF_FFFF),
    "ISATAP": _after("2606:4700::5efe:0:0"),
    "ISATAP, universal": _after("2606:4700::200:5efe:0:0"),
    "ISATAP, link-local": _after("fe80::5efe:0:0"),
}
