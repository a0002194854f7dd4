"""All behaviours, by name and in groups."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from delivery.hostile.behaviour import OK, Behaviour
from delivery.hostile.bodies import BODIES
from delivery.hostile.broken_off import BROKEN_OFF
from delivery.hostile.connections import CONNECTIONS
from delivery.hostile.endless import ENDLESS
from delivery.hostile.framing import FRAMING
from delivery.hostile.heads import HEADS, NOT_HTTP
from delivery.hostile.reuse import REUSE
from delivery.hostile.scripts import answer, answering
from delivery.hostile.slow import SLOW
from delivery.hostile.statuses import REDIRECTS, RETRY_AFTER, STATUSES
from delivery.hostile.tls import TLS, WELL_BEHAVED_TLS

_WELL_BEHAVED = (
    Behaviour(
        name="well-behaved",
        description="Answers 200 at once, and keeps the connection for the next request.",
        expected=OK,
        behave=answering(answer("200 OK", "X-Well-Behaved: yes")),
    ),
    WELL_BEHAVED_TLS,
)

groups: Mapping[str, tuple[Behaviour, ...]] = MappingProxyType(
    {
        "To compare with": _WELL_BEHAVED,
        "Slow": SLOW,
        "Endless": ENDLESS,
        "Broken off": BROKEN_OFF,
        "Lengths and chunks": FRAMING,
        "The next request": REUSE,
        "Statuses": STATUSES,
        "Redirects": REDIRECTS,
        "Retry-After": RETRY_AFTER,
        "Heads": HEADS,
        "Not HTTP/1.1": NOT_HTTP,
        "Bodies": BODIES,
        "Connections": CONNECTIONS,
        "TLS": TLS,
    }
)
"""The behaviours by the title of their group, in the order to show them in."""

behaviours: Mapping[str, Behaviour] = MappingProxyType(
    {behaviour.name: behaviour for behaviour in chain.from_iterable(groups.values())}
)
"""Every behaviour by its name."""
