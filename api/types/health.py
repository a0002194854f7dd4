"""How sending to a webhook has gone, and whether its endpoint is left in peace for a while."""

from __future__ import annotations

import enum
from datetime import datetime

import strawberry

from delivery import models


@strawberry.enum(
    description=(
        "States of a webhook's circuit breaker, which spares an endpoint that fails, "
        "and the attempts of deliveries to it."
    )
)
class CircuitState(enum.Enum):
    """States of a breaker; a value is what a row holds."""

    CLOSED = strawberry.enum_value(
        models.Webhook.Circuit.CLOSED.value,
        description="Requests are let through, as long as the webhook is active.",
    )
    OPEN = strawberry.enum_value(
        models.Webhook.Circuit.OPEN.value,
        description=(
            "The endpoint failed, or asked to slow down. Deliveries wait, and none of their "
            "attempts is spent, until `nextProbeAt`."
        ),
    )
    HALF_OPEN = strawberry.enum_value(
        models.Webhook.Circuit.HALF_OPEN.value,
        description=(
            "One request at a time is let through. If it succeeds, what waits is sent; "
            "if it fails, the circuit is open again, for longer."
        ),
    )


@strawberry.type(description="How sending to a webhook has gone.")
class WebhookHealth:
    """What a webhook's row tells of its health."""

    consecutive_failures: int = strawberry.field(
        description=(
            "Deliveries whose first attempt failed, and probes that did, since an attempt last "
            "succeeded. Other retries are not counted."
        )
    )
    failing_since: datetime | None = strawberry.field(
        description="Since when attempts have failed and none succeeded. Null if that is not so."
    )
    circuit: CircuitState = strawberry.field(description="Whether requests are let through.")
    next_probe_at: datetime | None = strawberry.field(
        description="When a single request tries the endpoint again. Null unless `OPEN`."
    )


HEALTH_COLUMNS = ["consecutive_failures", "failing_since", "circuit", "probe_at"]
"""The columns of a webhook that its health is made of."""


def health_of(webhook: models.Webhook) -> WebhookHealth:
    """Return the health of a webhook as the schema shows it."""
    circuit = CircuitState(webhook.circuit)
    return WebhookHealth(
        consecutive_failures=webhook.consecutive_failures,
        failing_since=webhook.failing_since,
        circuit=circuit,
        next_probe_at=webhook.probe_at if circuit is CircuitState.OPEN else None,
    )
