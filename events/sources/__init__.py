"""Events that publish themselves: when a model changes, or when a signal is sent."""

from events.sources.firing import fire
from events.sources.model_event import ModelEvent
from events.sources.signal_event import SignalEvent

__all__ = ["ModelEvent", "SignalEvent", "fire"]
