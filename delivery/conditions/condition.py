"""`PayloadCondition`: something that a payload must meet, and its stored form."""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from events.fields import JsonValue


class PayloadMatch(enum.StrEnum):
    """Ways to compare a field of a payload."""

    IS = "is"
    ANY = "any"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    CONTAINS = "contains"
    LIKE = "like"
    GREATER_THAN = "greater_than"
    LESS_THAN = "less_than"
    EXISTS = "exists"


@dataclass(frozen=True, kw_only=True)
class PayloadCondition:
    """Something that a payload must meet.

    `path` leads to the payload's field by its keys, such as `customer.email`; `value` is what the
    field is compared with, a list of values for `ANY`; `negate` asks for the opposite.
    """

    path: str
    match: PayloadMatch
    value: JsonValue
    negate: bool = False


def dump_conditions(conditions: Sequence[PayloadCondition]) -> str:
    """Write conditions as they are stored: JSON text, the same for equal ones."""
    stored = [asdict(each) for each in conditions]
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def load_conditions(text: str) -> tuple[PayloadCondition, ...]:
    """Read what `dump_conditions` wrote."""
    return tuple(
        PayloadCondition(**{**stored, "match": PayloadMatch(stored["match"])})
        for stored in json.loads(text)
    )
