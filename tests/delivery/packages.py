"""Packages on their way: events that are to arrive one after another for each package."""

from __future__ import annotations

from uuid import UUID

from examples.bookshop.models import PackageStatus
from examples.bookshop.webhooks import PackageShipped

SHIPPED = "package.shipped"


def shipped(package: int, *, number: int = 0) -> PackageShipped:
    """Return an event of a package; `number` tells it from others of the same package."""
    return PackageShipped(
        tracking_id=UUID(int=package), order_id=number, status=PackageStatus.SHIPPED
    )
