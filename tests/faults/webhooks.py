"""What scenes publish besides pings: events that are to arrive in order."""

from typing import Annotated

from events import Event


class Leg(Event, name="journey.leg", ordered_by="journey"):
    """A part of a journey, which comes after those before it."""

    journey: Annotated[int, "Which journey it is a part of."]
    message: Annotated[str, "What tells it from all others."]
