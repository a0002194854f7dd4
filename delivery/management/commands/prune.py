"""`manage.py prune`: removes what is past its time, as workers do by themselves."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from delivery.conf import delivery_settings
from delivery.retention import (
    Pruned,
    count_prunable,
    count_prunable_audit_trail,
    prune_all,
)


class Command(BaseCommand):
    """Removes old events whose deliveries have all ended, and old audit entries; says how many."""

    help = (
        "Removes old events whose deliveries have all ended, with deliveries and attempts, "
        "and old audit entries."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--older-than",
            type=int,
            metavar="DAYS",
            help="which events are old, in place of WEBHOOK_RETENTION",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            dest="is_dry_run",
            help="remove nothing, and report what would be removed",
        )

    def handle(self, *args: Any, older_than: int | None, is_dry_run: bool, **options: Any) -> None:
        """Remove what is old, or count it."""
        keep_for, keep_audit_for = _span(older_than), delivery_settings().audit_retention
        now = timezone.now()
        if is_dry_run:
            found = count_prunable(now=now, keep_for=keep_for)
            found += count_prunable_audit_trail(now=now, keep_for=keep_audit_for)
            self.stdout.write(f"Would remove {found}.")
        else:
            steps = prune_all(now=now, keep_for=keep_for, keep_audit_for=keep_audit_for)
            self.stdout.write(f"Removed {sum(steps, start=Pruned())}.")


def _span(days: int | None) -> timedelta:
    if days is None:
        return delivery_settings().retention
    if days < 1:
        raise CommandError(f"--older-than must be 1 or more, not {days}.")
    try:
        return timedelta(days=days)
    except OverflowError:
        raise CommandError(f"--older-than is {days} days, more than there have been.") from None
