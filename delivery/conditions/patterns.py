"""The regular expressions of owners, on an engine that takes linear time (RE2)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import re2  # type: ignore[import-untyped]  # The library comes without types.

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PATTERN = 200
# Enough for classes such as \pL. What is larger is refused, as `pattern too large`.
_MOST_MEMORY = 64 * 1024
# Linear is slow as well, if much of a large pattern is in play at each character: this many steps
# take a tenth of a second at worst.
_MOST_STEPS = 5_000_000


class InvalidPattern(ValueError):  # noqa: N818 - reads as the sentence that it is
    """A text is no regular expression of RE2, or one that could take too much."""


def check_pattern(pattern: str) -> None:
    """Raise `InvalidPattern`, with the engine's own reason, for what cannot be used."""
    _compile(pattern)


def is_found(pattern: str, text: str) -> bool:
    """Return whether a pattern matches anywhere in a text.

    A text that is too long for a pattern as complicated as this has no match: the product of both
    is limited, so that neither can stall whoever asks. Never raises.
    """
    search = _search(pattern)
    return search is not None and search(text)


# Kept by itself, so that however many conditions are compiled, the memory of patterns is bounded.
@lru_cache(maxsize=256)
def _search(pattern: str) -> Callable[[str], bool] | None:
    try:
        compiled = _compile(pattern)
    except InvalidPattern:
        return None
    most_characters = _MOST_STEPS // max(1, compiled.programsize)

    def search(text: str) -> bool:
        try:
            return len(text) <= most_characters and compiled.search(text) is not None
        except UnicodeEncodeError:  # Half of a surrogate pair, which UTF-8 cannot hold.
            return False

    return search


def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    options.never_capture = True
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise InvalidPattern(text) from None
    except UnicodeEncodeError:
        raise InvalidPattern("half of a surrogate pair") from None
