"""What was measured in all rounds, and figures of it."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from typing import Any

Pick = Callable[[Any], Any]


class Findings:
    """Keeps what each measurement gave; of what was left out there are no figures."""

    def __init__(self) -> None:
        self._results: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)

    def add(self, who: str, what: str, result: Any) -> None:
        """Keep the result of one round."""
        self._results[who, what].append(result)

    def median(self, who: str, what: str, pick: Pick) -> float | None:
        """Return the median over the rounds of what `pick` takes of each result."""
        results = self._results[who, what]
        return statistics.median(map(pick, results)) if results else None

    def percentile(self, who: str, what: str, pick: Pick, *, percent: int) -> float | None:
        """Return a percentile of what `pick` takes of each result, of all rounds together."""
        every = sorted(chain.from_iterable(map(pick, self._results[who, what])))
        # Not interpolated: what was lost took infinitely long.
        return every[min(len(every) * percent // 100, len(every) - 1)] if every else None

    def ratio(self, one: str, other: str, what: str, pick: Pick) -> float | None:
        """Return how many times the median of another somebody's is."""
        return divide(self.median(one, what, pick), self.median(other, what, pick))


def divide(one: float | None, other: float | None) -> float | None:
    """Return the quotient of two figures, if there are both."""
    return None if one is None or not other else one / other
