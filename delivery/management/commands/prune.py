"""`manage.py prune`: removes events that ended long ago, as workers do by themselves."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from delivery.conf import delivery_settings
from delivery.retention import Pruned, count_prunable, prune


class Command(BaseCommand):
    """Removes old events whose deliveries have all ended, and reports what that was."""

    help = "Removes old events whose deliveries have all ended, with deliveries and attempts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--older-than",
            type=int,
            metavar="DAYS",
            help="what is old, in place of WEBHOOK_RETENTION",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            dest="is_dry_run",
            help="remove nothing, and report what would be removed",
        )

    def handle(self, *args: Any, older_than: int | None, is_dry_run: bool, **options: Any) -> None:
        """Remove what is old, or count it."""
        keep_for = _span(older_than)
        now = timezone.now()
        if is_dry_run:
            found = count_prunable(now=now, keep_for=keep_for)
            self.stdout.write(f"Would remove {found}.")
        else:
            removed = sum(prune(now=now, keep_for=keep_for), start=Pruned())
            self.stdout.write(f"Removed {removed}.")


def _span(days: int | None) -> timedelta:
    if days is None:
        return delivery_settings().retention
    if days < 1:
        raise CommandError(f"--older-than must be 1 or more, not {days}.")
    try:
        return timedelta(days=days)
    except OverflowError:
        raise CommandError(f"--older-than is {days} days, more than there have been.") from None
