"""A receiver that misbehaves in every way there is, to try senders of webhooks against.

Plain Python: it needs neither Django nor a database.
"""

from delivery.hostile.behaviour import Answered, Behaviour, Expectation, Failure
from delivery.hostile.catalogue import behaviours
from delivery.hostile.receiver import HostileReceiver

__all__ = ["Answered", "Behaviour", "Expectation", "Failure", "HostileReceiver", "behaviours"]
