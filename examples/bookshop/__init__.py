"""A small shop that shows Hookline at work."""
