"""Mistakes that a caller can put right, as values that any door can show."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class ErrorCode(enum.Enum):
    """Kinds of mistake."""

    REQUIRED = "required"
    INVALID = "invalid"
    OUT_OF_RANGE = "out_of_range"
    TAKEN = "taken"
    NOT_FOUND = "not_found"
    FORBIDDEN_ADDRESS = "forbidden_address"
    FORBIDDEN_HEADER = "forbidden_header"
    UNKNOWN_FIELD = "unknown_field"
    UNSUPPORTED_MATCH = "unsupported_match"
    INVALID_PATTERN = "invalid_pattern"
    LIMIT_REACHED = "limit_reached"
    WRONG_STATE = "wrong_state"
    CONFLICT = "conflict"


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One thing to put right. `path` leads to the value at fault; it is empty for none."""

    code: ErrorCode
    message: str
    path: tuple[str, ...] = ()


def not_storable(what: str, *, path: tuple[str, ...]) -> Mistake:
    """Return the mistake for a text that not every database can hold; `what` names it."""
    message = f"The {what} holds a character that is not text: NUL or half of a pair."
    return Mistake(code=ErrorCode.INVALID, message=message, path=path)


class Refused(Exception):  # noqa: N818 - what happened to the caller's wish
    """What was asked for was not done, and nothing was changed."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__(" ".join(mistake.message for mistake in mistakes))
        self.mistakes = mistakes
