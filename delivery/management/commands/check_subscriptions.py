"""`manage.py check_subscriptions`: what webhooks ask for that event classes no longer have."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from delivery.compatibility import Misfit, find_misfits

_COLUMNS = "{:<36}  {:<20}  {:<24}  {}"


class Command(BaseCommand):
    """Prints a line for each problem, and fails if there is any."""

    help = "Lists the event subscriptions that do not fit the event classes as they now are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list."""
        count = 0
        for misfit in find_misfits():
            if count == 0:
                self.stdout.write(_COLUMNS.format("WEBHOOK", "OWNER", "EVENT TYPE", "PROBLEM"))
            self.stdout.write(_line(misfit))
            count += 1
        if count:
            raise CommandError(
                f"Problems found: {count}. Keep what is asked for, or tell the owners to change "
                "their webhooks."
            )
        self.stdout.write("Every event subscription fits its event class.")


def _line(misfit: Misfit) -> str:
    webhook = misfit.webhook
    return _COLUMNS.format(webhook.public_id, str(webhook.owner), misfit.event_type, misfit.problem)
