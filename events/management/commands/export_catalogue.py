"""`manage.py export_catalogue`: the event types in a form that receivers can use."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from events.catalogue.forms import CatalogueForm
from events.event import EventType, event_types
from events.registry import NotRegistered


class Command(BaseCommand):
    """Prints or writes the event types that are registered at start, or some of them."""

    help = "Exports the event types for those who receive them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the form, the file and the event types."""
        parser.add_argument("names", nargs="*", metavar="event type", help="all when left out")
        parser.add_argument(
            "--format", required=True, choices=[form.value for form in CatalogueForm]
        )
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="where to; printed when left out"
        )

    def handle(self, *args: Any, names: list[str], output: Path | None, **options: Any) -> None:
        """Export them."""
        text = CatalogueForm(options["format"]).write(_event_types(names))
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"Wrote {output}.")


def _event_types(names: list[str]) -> list[EventType]:
    try:
        return [event_types.get(name) for name in sorted({*names} or event_types.names())]
    except NotRegistered as error:
        raise CommandError(str(error)) from None
