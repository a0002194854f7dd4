"""What this layer announces to whoever listens."""

from django.dispatch import Signal

event_recorded = Signal()
"""An event was committed: sent after the transaction, with `record`.

A shortcut, not a promise: a receiver that raises is logged, and a process that dies first sends
nothing. The row in `EventRecord` is what counts.
"""
