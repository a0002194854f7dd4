"""Calling what a project adds while a request is made: it may break, and nothing else with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from delivery.http.request import CannotSend

logger = logging.getLogger(__name__)


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Turn whatever is raised within into `CannotSend`, and log it; `what` begins a sentence."""
    try:
        yield
    except CannotSend:
        raise
    except Exception:
        logger.exception("%s failed.", what)
        raise CannotSend(f"{what} failed; the log of the sender says why.") from None
