"""Headers of requests: what HTTP allows, which are ours, and several sets made one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias, TypeGuard

Headers: TypeAlias = tuple[tuple[str, str], ...]

HIDDEN = "•••"
"""What is shown in place of a secret."""

# RFC 9110, 5.6.2 and 5.5; a value is Latin-1 on the wire.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")

_RESERVED = frozenset(
    {
        # Where the request goes, how it is framed, and what the connection does after it.
        *("host", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade"),
        *("expect", "http2-settings"),
        # What the sender says of itself and of its request.
        *("user-agent", "accept-encoding", "date"),
        # Secrets, which are kept as such elsewhere.
        *("authorization", "cookie", "cookie2"),
    }
)
_RESERVED_PREFIXES = ("webhook-", "x-whisperer-", "ce-", "content-", "proxy-")


def is_header_name(text: str) -> bool:
    """Return whether HTTP allows a header of this name."""
    return _NAME.fullmatch(text) is not None


def is_header_value(text: str) -> bool:
    """Return whether HTTP allows a header to have this value, which may be empty."""
    return _VALUE.fullmatch(text) is not None


def is_reserved(name: str) -> bool:
    """Return whether a header is not an owner's to set: it is ours, the connection's or a secret.

    Case makes no difference, nor do underscores for hyphens: to CGI and WSGI they are the same.
    """
    lowered = name.lower().replace("_", "-")
    return lowered in _RESERVED or lowered.startswith(_RESERVED_PREFIXES)


def merged(*sets: Iterable[tuple[str, str]]) -> Headers:
    """Return headers as one set, in which of several of one name the last is left."""
    by_name = {name.lower(): (name, value) for headers in sets for name, value in headers}
    return tuple(by_name.values())


def is_sendable(made: object) -> TypeGuard[Mapping[str, str]]:
    """Return whether what foreign code has made are headers that HTTP allows."""
    return isinstance(made, Mapping) and all(
        isinstance(name, str)
        and isinstance(value, str)
        and is_header_name(name)
        and is_header_value(value)
        for name, value in made.items()
    )
