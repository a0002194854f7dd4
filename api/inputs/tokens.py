"""API tokens as callers describe them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.scopes import ApiTokenScope
from api.tokens import TokenSpec


@strawberry.input(description="What a new API token is for.")
class CreateApiTokenInput:
    """What a new API token is for."""

    name: str = strawberry.field(description="A name for people, 1 to 100 characters.")
    scopes: list[ApiTokenScope] = strawberry.field(description="What it may do, at least one.")
    expires_at: datetime | None = strawberry.field(
        default=None,
        description=(
            "When it ends. When left out, never, or with the token that makes it. "
            "It cannot outlast that."
        ),
    )

    def spec(self) -> TokenSpec:
        """Return the token as it is to be."""
        return TokenSpec(name=self.name, scopes=tuple(self.scopes), expires_at=self.expires_at)
