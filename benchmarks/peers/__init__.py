"""The packages that Hookline is measured beside, each as its own documentation sets it up.

Each runs in an environment of its own: see `benchmarks/environments.py`.
"""
