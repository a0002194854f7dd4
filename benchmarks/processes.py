"""Measurements in processes of their own, each with a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def hookline_settings(folder: Path, **settings: str) -> dict[str, str]:
    """Return an environment in which Hookline is measured, embedded unless `settings` say more."""
    return {
        "DJANGO_SETTINGS_MODULE": "api.settings",
        "HOOKLINE_DATA_DIR": str(folder),
        "SECRET_KEY": "for measuring only, and long enough for every check there is",
        "WEBHOOK_ENCRYPTION_KEYS": "Zm9yIG1lYXN1cmluZyBvbmx5LCBub3QgZm9yIHVzZS4=",
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "WEBHOOK_ALLOW_HTTP": "1",
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        **settings,
    }


def measured(module: str, *arguments: str, database_url: str = "", **settings: str) -> Any:
    """Run a module of measurements, and return what it printed as JSON.

    Its database is SQLite in a new folder if no URL is given; `settings` are those it needs beside
    the usual ones.
    """
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | hookline_settings(Path(folder), DATABASE_URL=database_url, **settings)
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)
