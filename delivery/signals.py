"""What this layer announces to whoever listens.

All are sent robustly, after what they tell of was committed, with `Webhook` or `Delivery` as the
sender. They are shortcuts, not promises: a receiver that raises is logged, and a process that dies
first sends nothing. The rows are what counts.
"""

from django.dispatch import Signal

delivery_attempted = Signal()
"""An attempt was made: sent with `attempted`, a `delivery.callbacks.DeliveryAttempted`."""

delivery_succeeded = Signal()
"""A delivery was accepted by its endpoint: sent with `attempted`, its last attempt."""

delivery_failed = Signal()
"""A delivery was given up: sent with `attempted`, its last attempt."""

webhook_suspended = Signal()
"""A webhook was suspended because of its failures: sent with `webhook`."""
