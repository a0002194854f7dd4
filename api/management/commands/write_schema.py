"""`manage.py write_schema`: the GraphQL schema as a file, for clients and for reviews."""

from __future__ import annotations

from argparse import ArgumentParser
from difflib import unified_diff
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from api.schema import schema


class Command(BaseCommand):
    """Writes the schema of the project as it is configured, its own event types included."""

    help = "Writes the GraphQL schema to a file, or checks that the file is up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where to, and whether only to look."""
        default = Path(settings.BASE_DIR) / "schema.graphql"
        parser.add_argument("path", nargs="?", type=Path, default=default)
        parser.add_argument(
            "--check", action="store_true", help="Fail if the file is not what would be written."
        )

    def handle(self, *, path: Path, check: bool, **_: Any) -> None:
        """Write the file, or compare it."""
        text = f"{schema.as_str()}\n"
        if not check:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {path}.")
            return
        stored = path.read_text(encoding="utf-8") if path.exists() else ""
        if stored != text:
            changes = unified_diff(stored.splitlines(), text.splitlines(), "stored", "now", "", "")
            raise CommandError(
                f"{path} is out of date. Run `manage.py write_schema {path}` with the settings of "
                f"this project and commit the file.\n" + "\n".join(changes)
            )
        self.stdout.write(f"{path} is up to date.")
