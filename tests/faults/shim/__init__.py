"""Comes first in the `PYTHONPATH` of processes that are to keep another time or to die on cue."""
