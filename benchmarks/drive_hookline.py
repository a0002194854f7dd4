"""Hookline as a contender; without `REDIS_URL` its worker is in this process, as in a web server's.

`python -m benchmarks.drive_hookline`; `benchmarks/driving.py` says how it is talked to.
"""

from __future__ import annotations

import time

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models exist only after setup()
from django.db import transaction  # noqa: E402 - as above
from django.utils import timezone  # noqa: E402 - as above

from benchmarks.driving import drive  # noqa: E402 - as above
from delivery.http.signing import generate_secret  # noqa: E402 - as above
from delivery.models import (  # noqa: E402 - as above
    Delivery,
    EventSubscription,
    SigningSecret,
    Webhook,
)
from delivery.worker import start_embedded_worker  # noqa: E402 - as above
from events.publishing import publish  # noqa: E402 - as above
from events.webhooks import Ping  # noqa: E402 - as above


class HooklineDriver:
    """Drives Hookline."""

    def subscribe(self, urls: list[str]) -> None:
        """Make webhooks of a new owner, whose events go to no other's.

        Not one by one, as `create_webhook` would: there may be a hundred thousand.
        """
        self._owner = User.objects.create_user(f"owner-{time.time_ns()}")
        now = timezone.now()
        webhooks = Webhook.objects.bulk_create(
            Webhook(owner=self._owner, name="A webhook", url=url, fingerprint=url, active_since=now)
            for url in urls
        )
        EventSubscription.objects.bulk_create(
            EventSubscription(webhook=webhook, event_type="ping") for webhook in webhooks
        )
        SigningSecret.objects.bulk_create(
            SigningSecret.of(generate_secret(), webhook=webhook, now=now) for webhook in webhooks
        )

    def publish(self, text: str) -> int:
        """Publish one event in a transaction of its own."""
        committed: list[int] = []
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(time.monotonic_ns()))
            publish(Ping(message=text), owner=self._owner)
        return committed[0]

    def recorded(self) -> int:
        """Return how many deliveries have succeeded."""
        return Delivery.objects.filter(status=Delivery.Status.SUCCEEDED).count()


if __name__ == "__main__":
    start_embedded_worker()
    drive(HooklineDriver())
