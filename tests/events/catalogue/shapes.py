"""Event classes with all that is awkward to write down in another language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

from events import Deprecated, Event
from events.event import EventType, event_type_of, event_types
from events.fields import JsonValue
from events.webhooks import Ping
from tests.events import everything


class Size(Enum):
    """How large it is: `*/` and \"\"\" end comments elsewhere."""

    SMALL = "small"
    LARGE = "large"


# mypy knows no enum whose values are not names.
Odd: Any = Enum("Odd", {"mro_": 'a "b"\\', "None": "c\u2028*/"}, module=__name__)
string = Enum("string", {"A": "a"}, module=__name__)
Body = Enum("Body", {"A": 1, "B": -2}, module=__name__)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Another part than that of everything."""

    sizes: list[Size]
    old: Annotated[Size | None, "What it was.\n\nOnce.", Deprecated('Use "sizes" \\ */ """.')]


_REQUIRED = (
    *("constructor", "copy", "default", "delete", "function", "json", "model_config", "type"),
    *("match", "self", "cls", "root", "readonly"),
)
_OPTIONAL = {
    "datetime": datetime | None,
    "date": date | None,
    "decimal": Decimal | None,
    "list": list[str] | None,
    "size": Size | None,
    "string": string | None,
    **dict.fromkeys(("str", "typing", "pydantic", "uuid", "int", "bool", "float"), str | None),
    **dict.fromkeys(("schema", "model_dump", "model_fields", "this", "new", "enum"), str | None),
}

# Forgotten at once, so that no other test meets them in the registry.
with event_types.scratch():

    class Nothing(Event, name="nothing.told"):
        """Something of which nothing is told."""

    class Shaped(Event, name="thing.shaped", deprecated='Use "thing" \\ */ """.\nNow.'):
        """A thing took shape: \"\"\" \\ */ "."""

        part: Part
        whole: everything.Part
        parts: Annotated[list[Part | None] | None, 'Ends with "']
        odd: Odd
        text: string
        body: list[Body]
        steps: list[Literal[1, 2, -3]]
        mixed: list[Literal["a", 'b"'] | None]
        prices: list[Decimal | None]

    # Not written as a class, where these names would hide what the annotations mean.
    Named: Any = type(
        "Named",
        (Event,),
        {
            "__doc__": "Its fields are called what something else is called elsewhere.",
            "__annotations__": dict.fromkeys(_REQUIRED, str) | _OPTIONAL,
            **dict.fromkeys(_OPTIONAL),
        },
        name="field.named-oddly_v2",
        ordered_by="type",
    )


TYPES: tuple[EventType, ...] = (
    Ping.__event_type__,
    event_type_of(everything.EXAMPLE),
    Nothing.__event_type__,
    Shaped.__event_type__,
    Named.__event_type__,
)
"""All of them, and those that are not awkward at all."""


def sample_body(event_type: EventType) -> dict[str, JsonValue]:
    """Return the body of a request, as it could be sent."""
    return {
        "type": event_type.name,
        "timestamp": "2026-01-02T03:04:05Z",
        "data": event_type.sample_payload,
    }
