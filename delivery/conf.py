"""The settings of this layer, read once per use so that a changed setting is seen."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from django.conf import settings

from delivery.http.addresses import AddressRules


@dataclass(frozen=True, kw_only=True)
class DeliverySettings:
    """How deliveries are sent from this installation.

    `allow_http` lets webhooks use plain `http`. `allowed_networks` may be reached although they are
    not public. `ca_file` holds the certificates to trust in place of the public ones. `max_senders`
    is the number of requests that one worker process has under way at most. `max_webhooks` is how
    many webhooks an owner may have.
    """

    allow_http: bool = False
    allowed_networks: tuple[str, ...] = ()
    ca_file: str | None = None
    max_senders: int = 128
    max_webhooks: int = 1_000
    redis_url: str | None = None

    @property
    def address_rules(self) -> AddressRules:
        """Which addresses may be dialled; raises `ValueError` for a network that is none."""
        return AddressRules(allowed_networks=tuple(map(ip_network, self.allowed_networks)))


def delivery_settings() -> DeliverySettings:
    """Return the settings in force, as Django's `WEBHOOK_…` and `REDIS_URL` say."""
    return DeliverySettings(
        allow_http=getattr(settings, "WEBHOOK_ALLOW_HTTP", False),
        allowed_networks=tuple(getattr(settings, "WEBHOOK_ALLOWED_NETWORKS", ())),
        ca_file=getattr(settings, "WEBHOOK_CA_FILE", None),
        max_senders=getattr(settings, "WEBHOOK_MAX_SENDERS", 128),
        max_webhooks=getattr(settings, "WEBHOOK_MAX_WEBHOOKS", 1_000),
        redis_url=getattr(settings, "REDIS_URL", None),
    )
