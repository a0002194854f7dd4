"""Packages on their way: events that are to arrive one after another for each package."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import models

from events.publishing import publish_many
from examples.bookshop.models import PackageStatus
from examples.bookshop.webhooks import PackageShipped
from tests.services.messages import Answer
from tests.services.receiver import Receiver

SHIPPED = "package.shipped"

SLOWLY = Answer(delay=timedelta(milliseconds=20))
"""An answer that lets another request begin meanwhile, if it may."""


def shipped(package: int, *, number: int = 0) -> PackageShipped:
    """Return an event of a package; `number` tells it from others of the same package."""
    return PackageShipped(
        tracking_id=UUID(int=package), order_id=number, status=PackageStatus.SHIPPED
    )


def publish_some(owner: models.Model, *numbers: int, package: int = 1) -> None:
    """Publish events of a package with these numbers."""
    publish_many([shipped(package, number=number) for number in numbers], owner=owner)


def arrived(receiver: Receiver, package: int = 1, *, path: str = "/in") -> list[int]:
    """Return the numbers of the events of a package, in the order of their arrival."""
    told = [request.json() for request in receiver.requests(path)]
    return [
        each["data"]["order_id"]
        for each in told
        if each["data"].get("tracking_id") == str(UUID(int=package))
    ]
