"""Faults: real processes are killed, and what they need is taken from them; nothing may be lost."""
