"""Drives django-webhook."""

import django

from benchmarks.peers.celery_app import app

django.setup()

from django_webhook import signals  # noqa: E402 - models exist only after setup()
from django_webhook.models import (  # noqa: E402 - as above
    Webhook,
    WebhookEvent,
    WebhookSecret,
    WebhookTopic,
)
from django_webhook.util import cache  # noqa: E402 - as above

from benchmarks.driving import drive  # noqa: E402 - as above
from benchmarks.peers.shop.models import Item, committed_at  # noqa: E402 - as above


class WebhookDriver:
    """Drives django-webhook."""

    def subscribe(self, urls: list[str]) -> None:
        """Have all events sent to these URLs, and to no others."""
        # It keeps webhooks in mind for a minute, and has no way to be told to look again.
        look = cache()(signals._query_webhooks)  # noqa: SLF001 - as said above
        signals._query_webhooks_cached = look  # noqa: SLF001 - as said above
        Webhook.objects.update(active=False)
        topic, _ = WebhookTopic.objects.get_or_create(name="shop.Item/create")
        webhooks = Webhook.objects.bulk_create(Webhook(url=url) for url in urls)
        WebhookSecret.objects.bulk_create(
            WebhookSecret(webhook=webhook, token="s" * 32) for webhook in webhooks
        )
        through = Webhook.topics.through
        through.objects.bulk_create(
            through(webhook=webhook, webhooktopic=topic) for webhook in webhooks
        )

    def publish(self, text: str) -> int:
        """Make an item, which is told by itself."""
        Item.objects.create(text=text)
        return committed_at()

    def recorded(self) -> int:
        """Return how many deliveries are recorded as done."""
        return WebhookEvent.objects.filter(status="SUCCESS").count()


if __name__ == "__main__":
    app.set_default()
    drive(WebhookDriver())
