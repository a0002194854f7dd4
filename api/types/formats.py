"""The forms of a request's body, as an enum of the schema."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import strawberry

from delivery.formats import payload_formats

if TYPE_CHECKING:

    class PayloadFormat(enum.Enum):
        """The registered payload formats; a value is the name of one."""

        STANDARD = "standard"

else:
    PayloadFormat = strawberry.enum(
        enum.Enum(
            "PayloadFormat",
            {
                found.symbol: strawberry.enum_value(found.name, description=found.description)
                for found in payload_formats
            },
        ),
        description="Forms of a request's body.",
    )


def format_named(name: str) -> PayloadFormat | None:
    """Return a format by its name, or None if it is not registered any more."""
    return PayloadFormat(name) if name in payload_formats else None
