"""What the backend process of a scene does when it is told to: it publishes, and counts."""

from __future__ import annotations

import json
import os
import time
from collections import Counter

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from delivery.models import Attempt, Delivery, Webhook
from events.event import Event
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
from tests.delivery.invariants import broken_rules
from tests.faults.report import Report
from tests.faults.webhooks import Leg
from tests.work import LONG_AGO, subscribe


def begin() -> None:
    """Forget all that an earlier scene has left, whether it came to its end or not."""
    call_command("migrate", verbosity=0)
    call_command("flush", interactive=False, verbosity=0)


def add_owner(
    name: str, urls: list[str], *, in_flight: int, is_new: bool, in_a_minute: int | None = None
) -> None:
    """Make an owner with a webhook for each URL."""
    owner = User.objects.create_user(name)
    for url in urls:
        now = timezone.now() if is_new else LONG_AGO
        subscribe(
            owner,
            url,
            *("ping", "journey.leg"),
            max_in_flight=in_flight,
            max_requests_per_minute=in_a_minute,
            now=now,
        )


def publish_all(name: str, messages: list[str], *, journeys: int = 0) -> None:
    """Publish a ping with each message, however often the database goes away meanwhile.

    If there are journeys, it is a leg of one of them instead. By a key, as code must that cannot
    know whether its commit took place.
    """
    owner = _owner(name)
    for message in messages:
        number = int(message.split()[-1])
        event = (
            Leg(journey=number % journeys, message=message) if journeys else Ping(message=message)
        )
        while not _publish(owner, event, key=message):
            # The database is away; this only keeps the trying polite.
            time.sleep(0.05)


def can_publish(name: str) -> bool:
    """Try to publish a ping that nobody expects; return whether the database took it."""
    return _publish(_owner(name), Ping(message="unexpected"), key="unexpected")


def _owner(name: str) -> User:
    close_old_connections()
    return User.objects.get(username=name)


def _publish(owner: User, event: Event, *, key: str) -> bool:
    try:
        publish(event, owner=owner, key=key)
    except DatabaseError:
        connection.close()
        return False
    return True


def process() -> int:
    """Return which process this is."""
    return os.getpid()


def open_circuits() -> int:
    """Return how many webhooks are sent nothing for now, because their endpoints fail."""
    return Webhook.objects.filter(circuit=Webhook.Circuit.OPEN).count()


def migrate_back(*targets: tuple[str, str]) -> None:
    """Make the database one of an earlier version, as it is just before an upgrade."""
    MigrationExecutor(connection).migrate([*targets])


def unfinished() -> int:
    """Return how many events and deliveries have not come to their end."""
    close_old_connections()
    waiting = EventRecord.objects.waiting_for_fan_out().count()
    return waiting + Delivery.objects.filter(completed_at=None).count()


def moving() -> int:
    """Return how many events and deliveries are being dealt with, or are to be at once."""
    close_old_connections()
    waiting = EventRecord.objects.waiting_for_fan_out().count()
    return waiting + Delivery.objects.filter(due_at__isnull=False).count()


def report() -> str:
    """Return a `Report`, as JSON."""
    close_old_connections()
    rows = Delivery.objects.all()
    found: Report = {
        "events": EventRecord.objects.count(),
        "not_fanned_out": EventRecord.objects.waiting_for_fan_out().count(),
        "statuses": dict(Counter(rows.values_list("status", flat=True))),
        "attempts": Attempt.objects.count(),
        "succeeded": [row.public_id for row in rows.filter(status=Delivery.Status.SUCCEEDED)],
        "broken_rules": broken_rules(),
    }
    return json.dumps(found)
