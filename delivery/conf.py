"""The settings of this layer, read once; what a test overrides is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.module_loading import import_string

from delivery.http.addresses import AddressRules
from delivery.http.endpoints import EndpointRules


@dataclass(frozen=True, kw_only=True)
class DeliverySettings:
    """How deliveries are sent from this installation.

    `allow_http` lets webhooks use plain `http`. `allowed_networks` and `allowed_hosts` may be
    reached although they are not public. `allowed_ports`, if there are any, are the only ones that
    webhooks may use. `ca_file` holds the certificates to trust in place of the public ones.
    `max_senders` is the number of requests that one worker process has under way at most.
    `max_webhooks` is how many webhooks an owner may have. `webhook_finder` and `transport` are
    dotted paths of what the project has put in place of ours. `event_source` says where events come
    from, in formats that name it. `encryption_keys` seal secrets: the first is for new ones, all
    open old ones. `retention` is how long what has ended is kept, `audit_retention` how long the
    audit trail is, and `suspend_after` how long a webhook may fail without a success before it is
    suspended.
    """

    allow_http: bool = False
    allowed_networks: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    allowed_ports: tuple[int, ...] = ()
    ca_file: str | None = None
    max_senders: int = 128
    max_webhooks: int = 1_000
    redis_url: str | None = None
    webhook_finder: str | None = None
    transport: str | None = None
    event_source: str = "urn:hookline"
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    retention: timedelta = timedelta(weeks=12)
    audit_retention: timedelta = timedelta(weeks=52)
    suspend_after: timedelta = timedelta(days=5)

    @property
    def endpoint_rules(self) -> EndpointRules:
        """Where webhooks may be sent; raises `ValueError` for a network that is none."""
        return EndpointRules(
            allow_http=self.allow_http,
            allowed_ports=frozenset(self.allowed_ports),
            addresses=AddressRules(
                allowed_networks=tuple(map(ip_network, self.allowed_networks)),
                allowed_hosts=self.allowed_hosts,
            ),
        )


@cache
def delivery_settings() -> DeliverySettings:
    """Return the settings in force, as Django's `WEBHOOK_…` and `REDIS_URL` say."""
    return DeliverySettings(
        allow_http=getattr(settings, "WEBHOOK_ALLOW_HTTP", False),
        allowed_networks=_listed(getattr(settings, "WEBHOOK_ALLOWED_NETWORKS", ())),
        allowed_hosts=_listed(getattr(settings, "WEBHOOK_ALLOWED_HOSTS", ())),
        allowed_ports=_listed(getattr(settings, "WEBHOOK_ALLOWED_PORTS", ())),
        ca_file=getattr(settings, "WEBHOOK_CA_FILE", None),
        max_senders=getattr(settings, "WEBHOOK_MAX_SENDERS", 128),
        max_webhooks=getattr(settings, "WEBHOOK_MAX_WEBHOOKS", 1_000),
        redis_url=getattr(settings, "REDIS_URL", None),
        webhook_finder=getattr(settings, "WEBHOOK_FINDER", None),
        transport=getattr(settings, "WEBHOOK_TRANSPORT", None),
        event_source=getattr(settings, "WEBHOOK_EVENT_SOURCE", "urn:hookline"),
        encryption_keys=_listed(getattr(settings, "WEBHOOK_ENCRYPTION_KEYS", ())),
        retention=getattr(settings, "WEBHOOK_RETENTION", timedelta(weeks=12)),
        audit_retention=getattr(settings, "WEBHOOK_AUDIT_RETENTION", timedelta(weeks=52)),
        suspend_after=getattr(settings, "WEBHOOK_SUSPEND_AFTER", timedelta(days=5)),
    )


@receiver(setting_changed)
def _forget_settings(**_: object) -> None:
    """Have tests that override settings see them."""
    delivery_settings.cache_clear()


def _listed(chosen: Any) -> tuple[Any, ...]:
    # None, too: what `os.environ.get` gives for a variable that is not set. The characters of a
    # text would each be taken for an entry.
    if chosen is None:
        return ()
    is_list = isinstance(chosen, Iterable) and not isinstance(chosen, str)
    return tuple(chosen) if is_list else (chosen,)


def callable_at(path: str) -> Callable[..., Any]:
    """Return what a dotted path in the settings names.

    Raises `ImportError` if there is no such name, and `TypeError` if it cannot be called.
    """
    found: Callable[..., Any] = import_string(path)
    if not callable(found):
        raise TypeError(f"{path} is {found!r:.80}, which cannot be called.")
    return found
