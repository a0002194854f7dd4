"""The same tests on PostgreSQL and Redis: what holds on the embedded default holds there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.services.postgresql import PostgreSQLServer
from tests.services.valkey import ValkeyServer

_ROOT = Path(__file__).parent
# Of these, what uses the database; the others would only repeat themselves.
_TESTS = ("api", "bookshop", "delivery", "events")
# These are about the settings of an embedded installation.
_EMBEDDED_ONLY = "api/test_checks.py"


def test_all_tests_with_a_database_pass_on_postgresql_and_redis(
    postgresql: PostgreSQLServer, valkey: ValkeyServer
) -> None:
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "-q", "--no-header", "--tb=short", "-m", "database"),
            f"--ignore={_ROOT / _EMBEDDED_ONLY}",
            *(str(_ROOT / name) for name in _TESTS),
        ],
        env=os.environ | {"DATABASE_URL": postgresql.url, "REDIS_URL": valkey.url},
        cwd=_ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
