"""API tokens, and lists of them."""

from __future__ import annotations

from datetime import datetime

import strawberry
import strawberry_django

from api import models
from api.pages import PageInfo
from api.scopes import ApiTokenScope
from api.types.node import Node, id_of_row


@strawberry_django.type(
    models.ApiToken, description="Text by which a program proves who it acts for."
)
class ApiToken(Node):
    """A row of `api.models.ApiToken`."""

    id: strawberry.ID = id_of_row("The token's ID.")
    name: str = strawberry_django.field(description="What it is for.")
    hint: str = strawberry_django.field(description="The first characters of its text.")
    scopes: list[ApiTokenScope] = strawberry_django.field(
        field_name="granted", only=["scopes"], description="What it may do."
    )
    created_at: datetime = strawberry_django.field(description="When it was made.")
    last_used_at: datetime | None = strawberry_django.field(
        description="When it was last used, to the minute."
    )
    expires_at: datetime | None = strawberry_django.field(
        description="When it ends. Null for never."
    )
    revoked_at: datetime | None = strawberry_django.field(description="When it was revoked.")


@strawberry.type(description="An API token in a list.")
class ApiTokenEdge:
    """An API token in a list."""

    cursor: str = strawberry.field(description="Its place in the list.")
    node: ApiToken = strawberry.field(description="The token.")


@strawberry.type(description="A page of API tokens.")
class ApiTokenConnection:
    """A page of API tokens."""

    edges: list[ApiTokenEdge] = strawberry.field(description="The tokens on this page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
