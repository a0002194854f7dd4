"""How commands that listen on a port of 127.0.0.1 are told which, and say that they cannot."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

_LARGEST_PORT = 0xFFFF


def port_number(text: str) -> int:
    """Read the value of an option `--port`; raises `ArgumentTypeError` if it is no port."""
    if not text.isdecimal() or int(text) > _LARGEST_PORT:
        raise ArgumentTypeError(
            f"{text!r} is no port. Give a number up to {_LARGEST_PORT}, or 0 for a free one."
        )
    return int(text)


@contextmanager
def explained(port: int) -> Iterator[None]:
    """Raise `CommandError`, which says what to do, if this port cannot be listened on within."""
    try:
        yield
    except OSError as error:
        # What Python says of it here repeats the address.
        reason = os.strerror(error.errno) if error.errno else error
        raise CommandError(
            f"Cannot listen on port {port} of 127.0.0.1: {reason}. Choose another with --port, "
            "or take a free one with --port 0."
        ) from None
