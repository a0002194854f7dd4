"""Orders to be told of, as the bookshop itself does not when they are saved; and what was told."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from events.models import EventRecord
from examples.bookshop.models import Order, OrderLine, Package, Person


def make_customer(owner: User, *, name: str = "Joe") -> Person:
    """Return somebody who can order."""
    return Person.objects.create(
        owner=owner, name=name, address="1 High Street", email="joe@example.com", secret="tea"
    )


def make_order(owner: User, **values: Any) -> Order:
    """Return an order of a new customer."""
    return Order.objects.create(owner=owner, customer=make_customer(owner), **values)


def make_line(order: Order, *, title: str = "Emma", copies: int = 1) -> OrderLine:
    """Return a line of an order."""
    return OrderLine.objects.create(order=order, title=title, price=Decimal("9.90"), copies=copies)


def make_package(order: Order) -> Package:
    """Return an order on its way."""
    return Package.objects.create(order=order, weight_kg=1.5)


def records(event_type: str) -> list[EventRecord]:
    """Return what was recorded of a type, the oldest first."""
    return list(EventRecord.objects.filter(event_type=event_type).order_by("pk"))


def payloads(event_type: str) -> list[dict[str, Any]]:
    """Return what was told of a type, the oldest first."""
    return [json.loads(record.payload) for record in records(event_type)]
