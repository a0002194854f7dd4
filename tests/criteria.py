"""The criteria by which Hookline succeeds three packages, and the tests that carry their numbers.

A criterion is a letter for the package and a number, such as W7. A test of it has the number in its
name, `test_w7_…`, and is selected with all others of its kind by `pytest -m criterion`. What each
one says stands in `docs/coming-from/`.
"""

from __future__ import annotations

import re

_NUMBERED = re.compile(r"test_((?:[wdr]\d+_)+)")

PAGES = {
    "W": "docs/coming-from/dj-whisperer.md",
    "D": "docs/coming-from/durian.md",
    "R": "docs/coming-from/django-rest-hooks.md",
}
"""Where the criteria of each letter are explained."""

CRITERIA = tuple(
    f"{letter}{number}"
    for letter, count in (("W", 41), ("D", 21), ("R", 26))
    for number in range(1, count + 1)
)
"""All of them."""


def criteria_of(test_name: str) -> list[str]:
    """Return the criteria that a test of this name carries."""
    found = _NUMBERED.match(test_name)
    return found[1].upper().strip("_").split("_") if found else []
