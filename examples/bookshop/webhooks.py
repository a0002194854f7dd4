"""The events that the shop's integrators can subscribe to; found by Hookline at start."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from events import Event
from events.sources import ModelEvent, SignalEvent
from examples.bookshop.models import Book, PackageStatus, PaymentMethod, Person
from examples.bookshop.signals import shop_closed


class BookEvent(ModelEvent):
    """What every event about a book tells."""

    book_id: Annotated[int, "The book's number in the catalogue."]
    title: Annotated[str, "The title, as on the cover."]
    author: Annotated[str, "Who wrote it."]
    pages: Annotated[int, "How many pages it has."]
    price: Annotated[Decimal, "What one copy costs, in euros."]


class BookAdded(BookEvent, name="book.added", model=Book, on="created", owner="owner"):
    """A book was added to the catalogue."""


class BookChanged(BookEvent, name="book.changed", model=Book, on="updated", owner="owner"):
    """A book in the catalogue was changed; the payload shows it as it is now."""


class BookRemoved(BookEvent, name="book.removed", model=Book, on="deleted", owner="owner"):
    """A book was removed from the catalogue; the payload shows it as it was."""


class BookViewed(BookEvent, name="book.viewed", model=Book, on="viewed", owner="owner"):
    """Somebody looked at a book in the catalogue."""


class PersonSaved(
    ModelEvent, name="person.saved", model=Person, on=("created", "updated"), owner="owner"
):
    """A customer was added or changed."""

    person_id: Annotated[int, "The customer's number."]
    name: Annotated[str, "The customer's full name."]
    address: Annotated[str, "Where packages for the customer go."]


class ShopClosed(SignalEvent, name="shop.closed", signal=shop_closed, owner="owner"):
    """A shop was closed for a while, such as for the holidays."""

    reopens_on: Annotated[date | None, "The first day on which it is open again, if it is known."]


class PackageEvent(Event, ordered_by="tracking_id"):
    """What every event about a package tells, one after another as the package moves."""

    tracking_id: Annotated[UUID, "The ID to follow the package by."]
    order_id: Annotated[int, "The number of the order that is in it."]
    status: Annotated[PackageStatus, "Where the package is now."]


class PackageCreated(PackageEvent, name="package.created"):
    """A package was packed and waits for the carrier."""

    weight_kg: Annotated[float, "What it weighs, in kilograms."]


class PackageShipped(PackageEvent, name="package.shipped"):
    """A package was handed to the carrier."""

    expected_on: Annotated[date | None, "The day on which it should arrive, if it is known."] = None


class PackageDelivered(PackageEvent, name="package.delivered"):
    """A package has reached the customer."""

    delivered_at: Annotated[datetime, "When it was handed over."]


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Who placed an order."""

    person_id: Annotated[int, "The customer's number."]
    name: Annotated[str, "The customer's full name."]
    email: Annotated[str | None, "Where to write to, if the customer said so."] = None


@dataclass(frozen=True, kw_only=True)
class OrderedBook:
    """Copies of one book in an order."""

    title: Annotated[str, "The title, as on the cover."]
    copies: Annotated[int, "How many copies were ordered."]
    price: Annotated[Decimal, "What one copy cost when it was ordered, in euros."]


class OrderPaid(Event, name="order.paid"):
    """An order was paid in full."""

    order_id: Annotated[int, "The order's number."]
    customer: Annotated[Customer, "Who placed it."]
    books: Annotated[list[OrderedBook], "What was ordered."]
    total: Annotated[Decimal, "What was paid, in euros."]
    method: Annotated[PaymentMethod, "How it was paid."]
    paid_at: Annotated[datetime, "When the payment arrived."]
    is_gift: Annotated[bool, "Whether the bill must stay out of the package."] = False
    voucher: Annotated[str | None, "The code of the voucher that was used, if any."] = None
