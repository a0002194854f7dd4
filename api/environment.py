"""What `api.settings` takes from the environment, looked at before it is used."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env, ValidationError
from redis import ConnectionPool


def check_redis_url(url: str) -> None:
    """Refuse a `REDIS_URL` that the client of Redis would not understand; empty means none.

    Raises `ValidationError`, to which environs adds the variable's name.
    """
    if not url:
        return
    try:
        ConnectionPool.from_url(url)
    except ValueError as error:
        raise ValidationError(f"{error}. Write it like redis://host:6379/0.") from None


def read_span(env: Env, name: str, default: timedelta) -> timedelta:
    """Read a span of time such as `12w`, and refuse a number without a unit.

    Environs takes a number for seconds. Who writes 12 means weeks or days, and would lose all
    records but those of the last moments.
    """
    if env.str(name, "").strip().isdecimal():
        raise ImproperlyConfigured(f"{name} has no unit. Write it like 12w, 5d or 36h.")
    return env.timedelta(name, default)


def prepare_data_dir(path: Path) -> None:
    """Make the folder for SQLite and the key if it is missing.

    Raises `ImproperlyConfigured` if files cannot be written there.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(_complaint(path, error.strerror)) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(_complaint(path, "it is not writable"))


def _complaint(path: Path, reason: str | None) -> str:
    return (
        f"HOOKLINE_DATA_DIR is {str(path)!r}, where nothing can be stored: {reason}. Name a folder "
        "that this user may write to, or set both SECRET_KEY and DATABASE_URL."
    )
