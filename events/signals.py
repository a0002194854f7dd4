"""What this layer announces to whoever listens."""

from django.dispatch import Signal

event_recorded = Signal()
"""Events were committed: sent after the transaction, with a tuple of their `records`.

It is sent once for each `publish` and once for each `publish_many`.

A shortcut, not a promise: a receiver that raises is logged, and a process that dies first sends
nothing. The row in `EventRecord` is what counts.
"""
