"""Connections to the database that are fit for use, looked after once a second at most."""

from __future__ import annotations

import threading
import time

from django.db import close_old_connections, connections

_SECONDS = 1.0


class _Looked(threading.local):
    at = -_SECONDS


_looked = _Looked()


def refresh_connections() -> None:
    """Drop this thread's connections that broke or are too old.

    Django then checks each of them by a statement, before its next use. Who works many times in a
    second needs that once, or after an error.
    """
    now = time.monotonic()
    opened = connections.all(initialized_only=True)
    if now - _looked.at >= _SECONDS or any(each.errors_occurred for each in opened):
        _looked.at = now
        close_old_connections()
