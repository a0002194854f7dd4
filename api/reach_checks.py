"""What can be unsafe or wrong in the settings of where webhooks may be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_network

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name for it

from api.surroundings import serves_several_hosts
from delivery.conf import delivery_settings
from delivery.http.dialing import tls_context
from delivery.http.endpoints import is_host_name

_PORTS = range(1, 65_536)
_LISTS = {
    "WEBHOOK_ALLOWED_NETWORKS": "webhook_api.E005",
    "WEBHOOK_ALLOWED_HOSTS": "webhook_api.E011",
    "WEBHOOK_ALLOWED_PORTS": "webhook_api.E012",
}


def _check_lists() -> Iterator[CheckMessage]:
    for name, check_id in _LISTS.items():
        chosen = getattr(settings, name, None) or ()
        if isinstance(chosen, str) or not isinstance(chosen, Iterable):
            yield Error(
                f"{name} is {chosen!r}, which is no list.",
                hint=f"Write it as a list: [{chosen!r}].",
                id=check_id,
            )


def _check_networks() -> Iterator[CheckMessage]:
    for text in delivery_settings().allowed_networks:
        try:
            network = ip_network(text)
        except ValueError as error:
            yield Error(
                f"WEBHOOK_ALLOWED_NETWORKS holds {text!r}, which is no network: {error}.",
                hint="Write networks as 10.1.0.0/16 or fd00:1::/32, without bits after the prefix.",
                id="webhook_api.E005",
            )
        else:
            if network.prefixlen == 0:
                yield Error(
                    f"WEBHOOK_ALLOWED_NETWORKS holds {text!r}, which is every address there is.",
                    hint="List the networks that webhooks must reach. Public ones need no entry.",
                    id="webhook_api.E005",
                )


def _check_hosts() -> Iterator[CheckMessage]:
    for host in delivery_settings().allowed_hosts:
        if not _can_be_allowed(host):
            yield Error(
                f"WEBHOOK_ALLOWED_HOSTS holds {host!r}, which is no host name.",
                hint="List names as hooks.internal, or .example.internal for all names under it. "
                "Addresses belong in WEBHOOK_ALLOWED_NETWORKS.",
                id="webhook_api.E011",
            )


def _can_be_allowed(host: object) -> bool:
    return isinstance(host, str) and is_host_name(host.lower().removeprefix("."))


def _check_ports() -> Iterator[CheckMessage]:
    ports: tuple[object, ...] = delivery_settings().allowed_ports
    for port in ports:
        if isinstance(port, bool) or not isinstance(port, int) or port not in _PORTS:
            yield Error(
                f"WEBHOOK_ALLOWED_PORTS holds {port!r}, which is no port.",
                hint="List whole numbers from 1 to 65535, or leave the list empty.",
                id="webhook_api.E012",
            )


def _check_openings() -> Iterator[CheckMessage]:
    options = delivery_settings()
    opened = [*options.allowed_networks, *options.allowed_hosts]
    if opened and serves_several_hosts():
        # Any entry opens what the guard would refuse, or it would not be needed.
        yield Warning(
            "WEBHOOK_ALLOWED_NETWORKS and WEBHOOK_ALLOWED_HOSTS let webhooks reach "
            f"{', '.join(map(str, opened))}, public or not.",
            hint="Leave out what owners of webhooks must not reach.",
            id="webhook_api.W001",
        )


def _check_http() -> Iterator[CheckMessage]:
    is_allowed = getattr(settings, "WEBHOOK_ALLOW_HTTP", False)
    if not isinstance(is_allowed, bool):
        # A text such as "0" or "false" would allow it.
        yield Error(
            f"WEBHOOK_ALLOW_HTTP is {is_allowed!r}, which is neither True nor False.",
            hint="Set it to True or False; in the environment, to 1 or 0.",
            id="webhook_api.E014",
        )
    elif is_allowed and serves_several_hosts():
        yield Warning(
            "WEBHOOK_ALLOW_HTTP lets events travel unencrypted.",
            hint="Turn it off, unless every endpoint is within a network that you trust.",
            id="webhook_api.W002",
        )


def _check_authorities() -> Iterator[CheckMessage]:
    path = delivery_settings().ca_file
    try:
        tls_context(path)
    except (OSError, TypeError, ValueError) as error:
        yield Error(
            f"WEBHOOK_CA_FILE is {path!r}, from which no certificates can be read: {error}.",
            hint="Name a readable PEM file of authorities, or leave it unset for the public ones.",
            id="webhook_api.E009",
        )


REACH_CHECKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    _check_lists,
    _check_networks,
    _check_hosts,
    _check_ports,
    _check_openings,
    _check_http,
    _check_authorities,
)
"""Each yields what it finds."""
