"""The event types in forms for those who receive them, to be kept beside their own code."""
