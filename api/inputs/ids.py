"""IDs as callers send them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from events.ids import IdentifiedModel

_NOBODYS_KEY = UUID(int=0)


def key_in(public_id: str, *, model: type[IdentifiedModel]) -> UUID:
    """Return the key in an ID, or one that no row has if the text is no ID of the model.

    So that every ID that leads nowhere takes the same way, and the same time.
    """
    return model.parse_id(public_id) or _NOBODYS_KEY
