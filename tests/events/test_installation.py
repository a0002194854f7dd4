"""Installing: the apps, a migration, and nothing that is left to be made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.programs import Program

MIGRATE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=1)
call_command("makemigrations", check_changes=True, dry_run=True)
"""
SETTINGS = """
from examples.bookshop.settings import *
DEFAULT_AUTO_FIELD = "django.db.models.{auto_field}"
"""


@pytest.mark.parametrize("auto_field", ["AutoField", "BigAutoField"])
def test_w33_the_migrations_are_complete_with_any_default_key(
    tmp_path: Path, auto_field: str
) -> None:
    (tmp_path / "keyed_settings.py").write_text(SETTINGS.format(auto_field=auto_field))
    env = {
        "DJANGO_SETTINGS_MODULE": "keyed_settings",
        "PYTHONPATH": str(tmp_path),
        "HOOKLINE_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    with Program("-c", MIGRATE, env=env, log=tmp_path / "log") as program:
        assert program.wait() == 0, program.output

    assert "Applying webhook_events.0001_initial... OK" in program.output
    assert program.output.endswith("No changes detected\n")
