"""One event among the hostile: `python -m benchmarks.measure_hostile WORKLOAD PORT INDEX_URL`.

The workload says what is beside the good receivers: nothing (`quiet`), a hostile one of each kind
(`kinds`), as many more good ones as there are hostile ones (`crowded`), or these (`hostile`). The
answer is one line of JSON. The database is whichever `DATABASE_URL` names.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

import requests  # noqa: E402 - as below
from django.contrib.auth.models import User  # noqa: E402 - models exist only after setup()
from django.core.management import call_command  # noqa: E402 - as above
from django.utils import timezone  # noqa: E402 - as above

from benchmarks.consumption import bytes_in_memory  # noqa: E402 - as above
from delivery import actors  # noqa: E402 - as above
from delivery.hostile.catalogue import groups  # noqa: E402 - as above
from delivery.models import Attempt, Delivery  # noqa: E402 - as above
from delivery.retry import FixedRetryPolicy  # noqa: E402 - as above
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec  # noqa: E402 - as above
from delivery.webhooks import create_webhook  # noqa: E402 - as above
from events.publishing import publish  # noqa: E402 - as above
from events.webhooks import Ping  # noqa: E402 - as above

_GOOD = 50
_TIMEOUT = timedelta(seconds=1)
_ONCE = FixedRetryPolicy(max_attempts=1, delay=timedelta(minutes=1))


def _subscribe(owner: User, name: str, urls: Iterable[str]) -> None:
    for url in urls:
        spec = WebhookSpec(
            name=name,
            url=url,
            events=(EventSubscriptionSpec(event_type="ping"),),
            timeout=_TIMEOUT,
            retry_policy=_ONCE,
        )
        create_webhook(owner=owner, spec=spec, now=timezone.now())


def _good_urls(port: str) -> list[str]:
    return [f"http://127.0.0.1:{port}/{number}" for number in range(_GOOD)]


def _other_urls(workload: str, port: str, index_url: str) -> list[str]:
    index: dict[str, Any] = requests.get(index_url, timeout=10).json()
    urls = {each["name"]: each["url"] for each in index["behaviours"]}
    hostile = list(urls.values())
    return {
        "quiet": [],
        "kinds": [urls[of_kind[0].name] for of_kind in groups.values()],
        "crowded": [f"http://127.0.0.1:{port}/other/{number}" for number in range(len(hostile))],
        "hostile": hostile,
    }[workload]


def _deliver_one(owner: User) -> datetime:
    """Publish an event and have it delivered; return when it was committed."""
    publish(Ping(), owner=owner)
    committed_at = timezone.now()
    actors.fan_out()
    actors.deliver_due()
    return committed_at


def main(workload: str, port: str, index_url: str) -> None:
    """Measure and print."""
    call_command("migrate", verbosity=0)
    suffix = time.time_ns()
    first, owner = (User.objects.create_user(f"{name}-{suffix}") for name in ("first", "owner"))
    # Whatever is loaded, made or learnt with a first event is not what is measured.
    _subscribe(first, "good", _good_urls(port))
    _deliver_one(first)
    # The others first: what is made first is sent first.
    _subscribe(owner, "other", _other_urls(workload, port, index_url))
    _subscribe(owner, "good", _good_urls(port))
    before = bytes_in_memory()
    committed_at = _deliver_one(owner)
    attempts = Attempt.objects.visible_to(owner).select_related("delivery__webhook")
    good = attempts.filter(delivery__webhook__name="good")
    reached = [attempt.started_at + attempt.duration - committed_at for attempt in good]
    assert len(reached) == _GOOD
    # What is parked because its endpoint asked for that is not waited for.
    assert not Delivery.objects.visible_to(owner).filter(due_at__isnull=False).exists()
    over = max(attempt.duration - _TIMEOUT for attempt in attempts)
    answer = {
        "reached": [each.total_seconds() for each in reached],
        "memory": bytes_in_memory(at_most=True) - before,
        "over": over.total_seconds(),
        "attempts": attempts.count(),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
