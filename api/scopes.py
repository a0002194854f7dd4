"""The scopes: what an API token may do."""

import enum
from typing import cast

import strawberry


def _value(name: str, description: str) -> str:
    # Strawberry puts the name in place of the definition that it was given.
    return cast("str", strawberry.enum_value(name, description=description))


@strawberry.enum(description="What an API token may do.")
class ApiTokenScope(enum.Enum):
    """What an API token may do; the value is how it is stored and how commands name it."""

    WEBHOOKS_READ = _value("webhooks:read", "Read webhooks.")
    WEBHOOKS_WRITE = _value("webhooks:write", "Create, change and cancel webhooks.")
    EVENTS_READ = _value("events:read", "Read event types and events.")
    DELIVERIES_READ = _value("deliveries:read", "Read deliveries and their attempts.")
    DELIVERIES_WRITE = _value("deliveries:write", "Try deliveries again.")
    AUDIT_READ = _value("audit:read", "Read who did what.")
    TOKENS_MANAGE = _value("tokens:manage", "Create and revoke API tokens.")


EVERY_SCOPE = frozenset(ApiTokenScope)
