"""Endpoint authentication: an object type for each scheme that is registered."""

from __future__ import annotations

import strawberry

from api.types.options import object_type
from delivery import authentication
from delivery.authentication import authentications


@strawberry.interface(
    description="How requests prove who sends them. Secrets are never shown.",
)
class Authentication:
    """What every scheme shows."""

    scheme: str = strawberry.field(description="The scheme's name, as in `AuthenticationInput`.")


@strawberry.type(
    description=(
        "A scheme that can no longer be used: the host project has removed its class, or the key "
        "that its settings were encrypted with. Requests fail until another is chosen."
    )
)
class UnregisteredAuthentication(Authentication):
    """What is left of a scheme that cannot be read any more."""

    scheme: str = strawberry.field(description="The scheme's name when it was chosen.")

    @classmethod
    def is_type_of(cls, found: object, _info: object) -> bool:
        """Return whether an object is shown as this type."""
        return isinstance(
            found,
            authentication.UnregisteredAuthentication | authentication.UnreadableAuthentication,
        )


AUTHENTICATION_TYPES = (
    *(object_type(scheme, interface=Authentication) for scheme in authentications),
    UnregisteredAuthentication,
)
"""The object types that implement `Authentication`."""
