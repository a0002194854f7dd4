"""What can happen, and the record that it did.

Backend code needs two imports: `from events import Event` to declare a type of event, and
`from events.publishing import publish` to say that one happened.
"""

from events.annotations import Deprecated
from events.event import Event

__all__ = ["Deprecated", "Event"]
