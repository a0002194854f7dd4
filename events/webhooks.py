"""The package's own event types."""

from typing import Annotated

from events import Event


class Ping(Event, name="ping"):
    """A request to find out whether an endpoint answers."""

    message: Annotated[str, "A line for whoever reads the endpoint's log."] = "ping"
