"""Dramatiq's broker: in memory by default, Redis or Valkey where `REDIS_URL` names one."""

from __future__ import annotations

from dramatiq import Broker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker

from delivery.conf import delivery_settings

QUEUE = "webhooks"

_REDIS_TIMEOUT_SECONDS = 5.0


def make_broker() -> Broker:
    """Return the broker that the settings name, without middleware.

    Dramatiq's usual middleware retries, delays and times messages; ours carry no work, only "look
    now", and the sweep repeats what is lost.
    """
    url = delivery_settings().redis_url
    if url is None:
        return StubBroker(middleware=[])
    return RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves it unannotated.
        url=url,
        middleware=[],
        namespace="hookline",
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
    )
