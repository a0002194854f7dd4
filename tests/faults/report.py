"""How things stand in the database of a scene, as its backend process tells the tests."""

from __future__ import annotations

from typing import TypedDict


class Report(TypedDict):
    """How things stand in the database."""

    events: int
    not_fanned_out: int
    statuses: dict[str, int]
    attempts: int
    succeeded: list[str]
    broken_rules: list[str]
