"""Drives django-rest-hooks."""

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models exist only after setup()
from rest_hooks.models import Hook  # noqa: E402 - as above

from benchmarks.driving import drive  # noqa: E402 - as above
from benchmarks.peers.shop.models import Item, committed_at  # noqa: E402 - as above


class RestHooksDriver:
    """Drives django-rest-hooks."""

    def subscribe(self, urls: list[str]) -> None:
        """Have all events sent to these URLs, and to no others."""
        Hook.objects.all().delete()
        user, _ = User.objects.get_or_create(username="owner")
        Hook.objects.bulk_create(Hook(user=user, event="item.made", target=url) for url in urls)

    def publish(self, text: str) -> int:
        """Make an item, which is told by itself."""
        Item.objects.create(text=text)
        return committed_at()

    def recorded(self) -> int:
        """Return how many deliveries are recorded as done: it keeps no record."""
        return 0


if __name__ == "__main__":
    drive(RestHooksDriver())
