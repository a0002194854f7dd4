"""Measurements in processes of their own, each with a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any


def measured(module: str, *arguments: str, database_url: str = "", **settings: str) -> Any:
    """Run a module of measurements, and return what it printed as JSON.

    Its database is SQLite in a new folder if no URL is given; `settings` are those it needs beside
    the usual ones.
    """
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "api.settings",
            "HOOKLINE_DATA_DIR": folder,
            "SECRET_KEY": "for measuring only, and long enough for every check there is",
            "DATABASE_URL": database_url,
            "REDIS_URL": "",
            "WEBHOOK_ALLOW_HTTP": "1",
            "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
            **settings,
        }
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)
