"""Keeping the tests to this host: what would leave it is refused, and the test fails for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from ipaddress import ip_address

_left: list[str] = []


def keep_to_this_host() -> None:
    """Refuse from now on whatever this process would send or ask beyond this host, for good."""
    sys.addaudithook(_refuse)


def reached_beyond_this_host() -> list[str]:
    """Return what was refused since this was asked last; code may have caught the refusal."""
    found = list(_left)
    _left.clear()
    return found


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    for host in _hosts(event, arguments):
        if not _is_this_host(host):
            _left.append(f"{event} {host}")
            raise RuntimeError(f"A test would have reached {host}. Tests stay on this host.")


def _hosts(event: str, arguments: tuple[object, ...]) -> Iterator[str]:
    match event, arguments:
        case ("socket.connect" | "socket.sendto" | "socket.sendmsg", (_, (str(host), *_))):
            yield host
        case "socket.getaddrinfo" | "socket.gethostbyname", (str(host), *_):
            yield host


def _is_this_host(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", ""}
