"""Drives dj-whisperer."""

import time

import django

from benchmarks.peers.celery_app import app

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models exist only after setup()
from whisperer.models import Webhook, WebhookEvent  # noqa: E402 - as above
from whisperer.tasks import deliver_event  # noqa: E402 - as above

from benchmarks.driving import drive  # noqa: E402 - as above
from benchmarks.peers.shop.models import Item, committed_at  # noqa: E402 - as above

# Its retries differ from ours, and nothing fails here.
_RETRY = {"choice": "fixed", "kwargs": {"seconds": 60}}


class WhispererDriver:
    """Drives dj-whisperer."""

    def subscribe(self, urls: list[str]) -> None:
        """Have all events sent to these URLs, and to no others."""
        Webhook.objects.update(is_active=False)
        # A user has one webhook at most for a URL.
        user = User.objects.create_user(f"owner-{time.time_ns()}")
        Webhook.objects.bulk_create(
            Webhook(
                user=user,
                target_url=url,
                event_type="item-made",
                secret_key="s" * 32,
                retry_countdown_config=_RETRY,
            )
            for url in urls
        )

    def publish(self, text: str) -> int:
        """Make an item and have it told."""
        item = Item.objects.create(text=text)
        deliver_event(item, "item-made")
        return committed_at()

    def recorded(self) -> int:
        """Return how many deliveries are recorded as done."""
        return WebhookEvent.objects.filter(delivered=True).count()


if __name__ == "__main__":
    app.set_default()
    drive(WhispererDriver())
