"""Who asks, and whom they act for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from api.scopes import ApiTokenScope

if TYPE_CHECKING:
    from django.db import models

    from api.access import Caller


@strawberry.type(description="The user or the tenant that webhooks belong to.")
class Owner:
    """A row of the owner model, by what every model has."""

    id: strawberry.ID = strawberry.field(description="The owner's ID.")
    name: str = strawberry.field(description="The owner's name.")


def owner_of_row(owner: models.Model) -> Owner:
    """Return an owner as the schema shows it."""
    return Owner(id=strawberry.ID(str(owner.pk)), name=str(owner))


@strawberry.type(description="The caller.")
class Viewer:
    """Who asks."""

    id: strawberry.ID = strawberry.field(description="The ID of the user or of the API token.")
    name: str = strawberry.field(description="The user's or the token's name.")
    owner: Owner = strawberry.field(description="Whom the caller acts for.")
    scopes: list[ApiTokenScope] = strawberry.field(description="What the caller may do.")


def viewer_of(caller: Caller) -> Viewer:
    """Return a caller as the schema shows them, the scopes in the order of the schema."""
    return Viewer(
        id=strawberry.ID(caller.id),
        name=caller.name,
        owner=owner_of_row(caller.owner),
        scopes=[scope for scope in ApiTokenScope if scope in caller.scopes],
    )
