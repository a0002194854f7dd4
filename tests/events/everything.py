"""An event with a field of every type, and strategies for all that it can hold."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Literal
from uuid import UUID

from hypothesis import strategies as st

from events import Event
from events.event import event_types
from events.fields import JsonValue


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, kw_only=True)
class Part:
    label: str
    weight: float | None = None


# Forgotten at once, so that no other test meets it in the registry.
with event_types.scratch():

    class Everything(Event, name="everything.held"):
        """Everything that an event can hold was held.

        This paragraph is for readers of the code.
        """

        text: Annotated[str, "Any text."]
        whole: int
        number: float
        flag: bool
        moment: datetime
        day: date
        identifier: UUID
        amount: Decimal
        colour: Colour
        level: Level
        size: Literal["small", "large"]
        part: Part
        maybe: Annotated[str | None, "A text, if there is one."] = None
        parts: list[Part] = field(default_factory=list, metadata={"description": "All of them."})
        table: list[list[int | None]] = field(default_factory=list)


EXAMPLE = Everything(
    text="Grüße",
    whole=-5,
    number=1.5,
    flag=True,
    moment=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
    day=date(2026, 1, 2),
    identifier=UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
    amount=Decimal("12.50"),
    colour=Colour.RED,
    level=Level.HIGH,
    size="small",
    part=Part(label="wheel"),
    parts=[Part(label="spoke", weight=0.25)],
    table=[[1, None], []],
)

ENCODED_EXAMPLE: dict[str, JsonValue] = {
    "text": "Grüße",
    "whole": -5,
    "number": 1.5,
    "flag": True,
    "moment": "2026-01-02T01:04:05Z",
    "day": "2026-01-02",
    "identifier": "01890a5d-ac96-774b-bcce-b302099a8057",
    "amount": "12.50",
    "colour": "red",
    "level": 2,
    "size": "small",
    "part": {"label": "wheel", "weight": None},
    "maybe": None,
    "parts": [{"label": "spoke", "weight": 0.25}],
    "table": [[1, None], []],
}

texts = st.text(st.characters(exclude_categories=["Cs"]))
finite_numbers = st.floats(allow_nan=False, allow_infinity=False)
finite_decimals = st.decimals(allow_nan=False, allow_infinity=False)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# A day from either end of the calendar, so that every moment has a form in UTC.
moments = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.one_of(st.just(UTC), offsets),
)
parts = st.builds(Part, label=texts, weight=st.none() | finite_numbers)
everything = st.builds(
    Everything,
    text=texts,
    whole=st.integers(),
    number=finite_numbers,
    flag=st.booleans(),
    moment=moments,
    day=st.dates(),
    identifier=st.uuids(),
    amount=finite_decimals,
    colour=st.sampled_from(Colour),
    level=st.sampled_from(Level),
    size=st.sampled_from(["small", "large"]),
    part=parts,
    maybe=st.none() | texts,
    parts=st.lists(parts, max_size=3),
    table=st.lists(st.lists(st.none() | st.integers(), max_size=3), max_size=3),
)
