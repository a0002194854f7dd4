"""What the shop announces within its own process."""

from django.dispatch import Signal

shop_closed = Signal()
"""A shop was closed for a while: sent with its `owner`, and `reopens_on`, a day or None."""
