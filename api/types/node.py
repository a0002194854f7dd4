"""`Node`: what can be read again by its ID."""

from __future__ import annotations

from typing import Any

import strawberry
import strawberry_django


@strawberry.interface(description="An object with an ID of its own.")
class Node:
    """An object with an ID of its own."""

    id: strawberry.ID = strawberry.field(
        description=(
            "The object's ID. Treat it as opaque; its prefix (`whk_`, `evt_`, `dlv_`, …) only "
            "helps people to recognise it."
        )
    )


def id_of_row(description: str) -> Any:
    """Return the field `id` of a type whose objects are rows of an `IdentifiedModel`."""
    return strawberry_django.field(field_name="public_id", description=description)
