"""The callbacks that webhooks can choose."""

from __future__ import annotations

import strawberry

from delivery.callbacks import delivery_callbacks


@strawberry.type(description="A callback that the project runs after each attempt.")
class DeliveryCallback:
    """A registered callback."""

    name: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What it does.")


def find_delivery_callbacks() -> list[DeliveryCallback]:
    """Return the callbacks that can be chosen, by name."""
    return [
        DeliveryCallback(name=callback.name, description=callback.description)
        for callback in delivery_callbacks
    ]
