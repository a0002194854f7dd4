"""How much a document asks for at most, so that too much is refused before any is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from api.documents import Document, Operation, SelectedField
from api.errors import bad_request
from api.pages import MOST
from api.values import refuse_many_values
from events.event import event_types
from events.payload_fields import payload_fields

_MOST_OBJECTS = 10_000
_MOST_FIELDS = 50_000
# A list that is paged takes a query of its own, and that as long as so many fields.
_FIELDS_OF_A_QUERY = 100
# What can be long takes as long as so many.
_FIELDS_OF_A_TEXT = 10
_LONG_TEXTS = {
    ("Event", "data"),
    ("Event", "payload"),
    ("HttpRequest", "body"),
    ("HttpResponse", "body"),
}
# There may be more, but that is rare.
_USUAL_LENGTHS = {
    ("Delivery", "attempts"): 10,
    ("HttpRequest", "headers"): 10,
    ("HttpResponse", "headers"): 10,
    ("Webhook", "events"): 10,
    ("EventSubscription", "conditions"): 5,
}


class _Cost(NamedTuple):
    """How much there could be to show."""

    objects: int = 0
    fields: int = 0


def refuse_costly(operation: Operation) -> None:
    """Raise the BAD_REQUEST error for an operation that asks for or gives too much.

    What it asks for are the items of lists and their fields, as many as there could be: those of a
    list within a list once for each item of the outer one. What it gives are values.
    """
    refuse_many_values(operation.document, operation.all_fields)
    found = _cost(operation.document, operation.fields, times=1)
    for what, count, most in (
        ("objects", found.objects, _MOST_OBJECTS),
        ("fields of objects", found.fields, _MOST_FIELDS),
    ):
        if count > most:
            raise bad_request(
                f"This asks for up to {count:,} {what}; {most:,} may be asked for at once. Give a "
                "smaller `first`, above all to lists within lists, or ask in several requests."
            )


def _cost(document: Document, fields: Iterator[SelectedField], *, times: int) -> _Cost:
    total = _Cost()
    for field in fields:
        length = _length(document, field)
        items = times if length is None else times * length
        within = document.fields(field.node, of=field.leads_to)
        inner = _cost(document, within, times=items)
        total = _Cost(
            objects=total.objects + inner.objects + (0 if length is None else items),
            fields=total.fields + inner.fields + times * _weight(field),
        )
    return total


def _weight(field: SelectedField) -> int:
    if "first" in field.definition.args:
        return _FIELDS_OF_A_QUERY
    return _FIELDS_OF_A_TEXT if (field.parent.name, field.name) in _LONG_TEXTS else 1


def _length(document: Document, field: SelectedField) -> int | None:
    """Return how many items a field lists at most, None if it is no list that counts."""
    if "first" in field.definition.args:
        first = document.argument(field, "first")
        # GraphQL takes 100.0 in a variable for the whole number that it is.
        if not isinstance(first, int | float):
            first = field.definition.args["first"].default_value
        # Beyond these bounds the field itself is refused.
        return int(min(max(first, 0), MOST))
    if "ids" in field.definition.args:
        ids = document.argument(field, "ids")
        return min(len(ids), MOST) if isinstance(ids, list) else 1
    place = (field.parent.name, field.name)
    return _USUAL_LENGTHS.get(place) or _catalogue_lengths().get(place)


@cache
def _catalogue_lengths() -> dict[tuple[str, str], int]:
    """Return how long the lists of the catalogue are, which is complete once there is a schema."""
    fields = [len(payload_fields(found.fields)) for found in event_types]
    return {("Query", "eventTypes"): len(fields), ("EventType", "payloadFields"): max(fields)}
