"""Order by a field: what has the same value in it is sent to a webhook one after another."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from uuid import UUID

from events.errors import InvalidEventClass
from events.fields import Choice, Field, FieldType, ObjectOf
from events.payload_fields import without_null
from events.scalars import SCALARS

_KEY_LENGTH = 32
# What names something, and has one text for equal values. Moments, flags and numbers that are not
# whole measure rather than name: an order by them would be none, or one of nearly everything; and
# decimals that are equal can be written in several ways.
_NAMES_SOMETHING = tuple(SCALARS[each] for each in (str, int, UUID, date))


def check_ordered_by(ordered_by: str | None, *, fields: ObjectOf, where: str) -> None:
    """Raise `InvalidEventClass` for a field that is not there, or whose values give no order."""
    if ordered_by is None:
        return
    found = _field(fields, ordered_by)
    if found is None:
        raise InvalidEventClass(
            f"{where}: ordered_by={ordered_by!r} is none of its fields. These are: "
            f"{', '.join(field.name for field in fields.fields) or 'none'}."
        )
    if not _gives_order(without_null(found.type)):
        raise InvalidEventClass(
            f"{where}: ordered_by={ordered_by!r} names a field of which no order can be made. Name "
            f"one that holds a str, int, UUID, date, an Enum or a Literal, such as the ID of what "
            f"the event is about."
        )


def ordering_key(event: object, *, fields: ObjectOf, ordered_by: str | None) -> str:
    """Return a short text that is equal for events whose field has this name and equal values.

    Equal is what is equal in JSON, so that `7` and `"7"` are two. It is empty where there is no
    order: without a field, and where its value is None.
    """
    field = _field(fields, ordered_by)
    if field is None:
        return ""
    value = field.type.encode(getattr(event, field.name), (field.name,))
    if value is None:
        return ""
    text = json.dumps([ordered_by, value], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]


def _field(fields: ObjectOf, name: str | None) -> Field | None:
    return next((field for field in fields.fields if field.name == name), None)


def _gives_order(of: FieldType) -> bool:
    return isinstance(of, Choice) or of in _NAMES_SOMETHING
