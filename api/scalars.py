"""The scalars of the schema, for `datetime` and `strawberry.scalars.JSON`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

if TYPE_CHECKING:
    from strawberry.types.scalar import ScalarDefinition


def show_moment(moment: datetime) -> str:
    """Return a moment as RFC 3339 text in UTC, such as `2026-11-21T17:30:00Z`."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def read_moment(text: object) -> datetime:
    """Return the moment that RFC 3339 text stands for, in UTC.

    Raises `GraphQLError`, which tells the caller what to send, for anything else: a text without an
    offset, a day, a number, a moment before the year 1 or after the year 9999 in UTC.
    """
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        # A day, or a text without an offset, is read as well, and is no moment.
        if moment is not None and moment.utcoffset() is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError(
        f"{text!r:.80} is not a moment. Send RFC 3339 text with an offset, such as "
        f"2026-11-21T17:30:00Z."
    )


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "A moment as RFC 3339 text with an offset, such as `2026-11-21T17:30:00Z`. "
            "Text without an offset is refused."
        ),
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=show_moment,
        parse_value=read_moment,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url=(
            "https://ecma-international.org/wp-content/uploads/"
            "ECMA-404_2nd_edition_december_2017.pdf"
        ),
    ),
}
