"""Measurements; `docs/benchmarks.md` holds what they printed."""
