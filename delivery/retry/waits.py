"""Waits: how short and long one may be, how it strays, and how it reads in a sentence."""

from datetime import timedelta
from random import Random
from typing import Annotated, TypeAlias

from delivery.options import Between

SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(days=30)

ANY_WAIT = Between(SHORTEST_WAIT, LONGEST_WAIT)

Jitter: TypeAlias = Annotated[
    float, "How far a wait may stray from plan, as a part of it, 0 to 1.", Between(0, 1)
]

_UNITS = (
    ("days", timedelta(days=1)),
    ("hours", timedelta(hours=1)),
    ("minutes", timedelta(minutes=1)),
)


def within_limits(wait: timedelta) -> timedelta:
    """Bring a wait between the shortest and the longest: no retry is at once, none in a year."""
    return max(SHORTEST_WAIT, min(wait, LONGEST_WAIT))


def jittered(wait: timedelta, *, jitter: float, random: Random) -> timedelta:
    """Let a wait stray by up to `jitter` of itself, so that deliveries do not return in step."""
    return within_limits(wait * (1 + random.uniform(-jitter, jitter)))


def waits_sentence(*waits: str, max_attempts: int, jitter: float = 0) -> str:
    """Say in a sentence what the waits of a policy are and how many retries they come before.

    `waits` are the parts of the sentence that commas set off.
    """
    parts = (*waits, f"give or take {jitter * 100:g}%") if jitter else waits
    text = ", ".join(parts) + ("," if len(parts) > 1 else "")
    match max_attempts - 1:
        case 0:
            return "Makes one attempt and no retry."
        case 1:
            return f"Waits {text} before the only retry."
        case retries:
            return f"Waits {text} before each of {retries} retries."


def in_words(span: timedelta) -> str:
    """Write a span of time in the longest unit that it holds at least two of, and no fraction."""
    for unit, length in _UNITS:
        if span >= 2 * length and not span % length:
            return f"{span // length} {unit}"
    seconds = span.total_seconds()
    return "1 second" if seconds == 1 else f"{seconds:.15g} seconds"
