"""Pages: a bounded stretch of a list, found by where it starts rather than by counting rows.

All lists are ordered by key, which grows with time, so that a page is one range of one index and
rows that come later cannot shift it. A connection's type only says how a `Page` is shown.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Generic, Protocol, TypeAlias, TypeVar

import strawberry
import strawberry_django

from api.errors import bad_request
from api.selections import select_nodes
from events.ids import IdentifiedModel

if TYPE_CHECKING:
    from django.db.models import Q, QuerySet

Row = TypeVar("Row", bound=IdentifiedModel)

MOST = 100
"""How many items a page, or a list in an argument, may have."""

First: TypeAlias = Annotated[
    int, strawberry.argument(description=f"How many to return, 1 to {MOST}.")
]


@strawberry.enum(description="Which end of a list comes first.")
class ListOrder(enum.Enum):
    """Which end of a list comes first; the newest is the one made last."""

    NEWEST_FIRST = strawberry.enum_value("newest_first", description="The newest item first.")
    OLDEST_FIRST = strawberry.enum_value("oldest_first", description="The oldest item first.")


Order: TypeAlias = Annotated[ListOrder, strawberry.argument(description="Which end comes first.")]


class Filter(Protocol):
    """What narrows a list."""

    @property
    def condition(self) -> Q:
        """What a row must meet."""


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Where a page stands in its list; what is asked of it, a `Page` answers."""

    has_next_page: bool = strawberry.field(
        description="Whether there are more items after this page."
    )
    has_previous_page: bool = strawberry_django.field(
        description=(
            "Whether there are items before this page. "
            "Always false when paging forwards from the start."
        )
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first item on the page."
    )
    end_cursor: str | None = strawberry.field(
        description=(
            "The cursor of the last item on the page: pass it as `after` to get the next page."
        )
    )


@dataclass(frozen=True, kw_only=True)
class Edge(Generic[Row]):
    """An item of a page."""

    node: Row

    @property
    def cursor(self) -> str:
        """Its place in the list, whatever the filter and the order."""
        return self.node.public_id


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """A stretch of a list: its rows, the whole list, and the part of it up to the start."""

    rows: Sequence[Row]
    has_next_page: bool
    everything: QuerySet[Row]
    earlier: QuerySet[Row]

    @property
    def edges(self) -> list[Edge[Row]]:
        """The items."""
        return [Edge(node=row) for row in self.rows]

    @property
    def page_info(self) -> Page[Row]:
        """Where it stands, which it tells itself."""
        return self

    @property
    def has_previous_page(self) -> bool:
        """Whether there are items before it; asks the database."""
        return self.earlier.exists()

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first item."""
        return self.rows[0].public_id if self.rows else None

    @property
    def end_cursor(self) -> str | None:
        """The cursor of the last item."""
        return self.rows[-1].public_id if self.rows else None

    @property
    def total_count(self) -> int:
        """How many items the whole list has; asks the database."""
        return self.everything.count()


def page_of(  # noqa: PLR0913 - the arguments of a connection field
    rows: QuerySet[Row],
    *,
    info: strawberry.Info,
    first: int,
    after: str | None,
    where: Filter | None = None,
    order: ListOrder = ListOrder.NEWEST_FIRST,
) -> Page[Row]:
    """Return the page that a connection field was asked for, in one query.

    Raises the BAD_REQUEST error for bounds or a cursor that cannot be, before any query.
    """
    if not 1 <= first <= MOST:
        raise bad_request(f"`first` must be from 1 to {MOST}, not {first}.")
    is_rising = order is ListOrder.OLDEST_FIRST
    everything = rows.filter(where.condition) if where else rows
    later, earlier = everything, everything.none()
    if after is not None:
        key = rows.model.parse_id(after)
        if key is None:
            raise bad_request(f"{after!r:.80} is not a cursor of this list. Use its `endCursor`.")
        later = everything.filter(**{"pk__gt" if is_rising else "pk__lt": key})
        earlier = everything.filter(**{"pk__lte" if is_rising else "pk__gte": key})
    # One more than asked for tells whether there are more.
    found = list(select_nodes(later.order_by("pk" if is_rising else "-pk"), info)[: first + 1])
    return Page(
        rows=found[:first],
        has_next_page=len(found) > first,
        everything=everything,
        earlier=earlier,
    )
