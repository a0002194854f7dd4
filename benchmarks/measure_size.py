"""One measurement of looks at a backlog: `python -m benchmarks.measure_size DELIVERIES`.

The answer is one line of JSON. The database is the PostgreSQL that `DATABASE_URL` names.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models exist only after setup()
from django.core.management import call_command  # noqa: E402 - as above
from django.db import connection, models, transaction  # noqa: E402 - as above
from django.utils import timezone  # noqa: E402 - as above

from delivery.engine.claim import claim_due  # noqa: E402 - as above
from delivery.engine.job import load_jobs  # noqa: E402 - as above
from delivery.engine.sweep import look  # noqa: E402 - as above
from delivery.fanout import fan_out_steps  # noqa: E402 - as above
from delivery.models import Delivery, Webhook  # noqa: E402 - as above
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec  # noqa: E402 - as above
from delivery.webhooks import create_webhook  # noqa: E402 - as above
from events.models import EventRecord  # noqa: E402 - as above
from events.publishing import publish  # noqa: E402 - as above
from events.webhooks import Ping  # noqa: E402 - as above

_WEBHOOKS = 100
_LIMIT = 200
_REPEATS = 15


def _subscribe(owner: User, number: int) -> None:
    spec = WebhookSpec(
        name="A webhook",
        url=f"http://127.0.0.1:4/{number}",
        events=(EventSubscriptionSpec(event_type="ping"),),
        max_in_flight=100,
    )
    create_webhook(owner=owner, spec=spec, now=timezone.now())


def _multiply(model: type[models.Model], source: str, **columns: str) -> None:
    """Insert a row of a model for each row of the source, with these columns changed."""
    names = [str(field.column) for field in model._meta.concrete_fields]  # noqa: SLF001 - Django's public name for it
    table = model._meta.db_table  # noqa: SLF001 - as above
    values = ", ".join(columns.get(name, f"one.{name}") for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} "
            f"FROM (SELECT * FROM {table} LIMIT 1) AS one, {source}"
        )


def fill(owner: User, count: int) -> None:
    """Have so many deliveries wait for the first attempt."""
    for number in range(_WEBHOOKS):
        _subscribe(owner, number)
    publish(Ping(), owner=owner)
    for _ in fan_out_steps(clock=timezone.now):
        pass
    first = EventRecord.objects.get()
    events = f"generate_series(2, {count // _WEBHOOKS}) AS n"
    _multiply(EventRecord, events, id="gen_random_uuid()")
    sources = (
        f"(SELECT id, row_number() OVER () AS turn FROM {EventRecord._meta.db_table} "  # noqa: SLF001 - as above
        f"WHERE id <> '{first.pk}') AS e, "
        f"(SELECT id FROM {Webhook._meta.db_table} WHERE owner_id = {owner.pk}) AS w ORDER BY turn"  # noqa: SLF001 - as above
    )
    _multiply(
        Delivery,
        sources,
        id="gen_random_uuid()",
        event_id="e.id",
        webhook_id="w.id",
        # Each has a turn of its own, as the fan-out gives them.
        due_at="one.due_at - interval '1 hour' + turn * interval '1 millisecond'",
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _milliseconds(step: Callable[[], object]) -> float:
    """Return the median time of a step that is undone each time."""
    found = []
    for _ in range(_REPEATS):
        with transaction.atomic():
            start = time.perf_counter()
            step()
            found.append((time.perf_counter() - start) * 1e3)
            transaction.set_rollback(True)
    return statistics.median(found)


def _claim() -> None:
    claimed = claim_due(now=timezone.now(), limit=_LIMIT)
    assert len(load_jobs(claimed, now=timezone.now())) == _LIMIT


def _reach_other(other: User) -> None:
    """Publish for somebody else, and claim that beside what waits."""
    publish(Ping(), owner=other)
    for _ in fan_out_steps(clock=timezone.now):
        pass
    claimed = claim_due(now=timezone.now(), limit=_LIMIT)
    owners = {claimed.webhooks[claim.webhook_id].owner_id for claim in claimed.claims}
    assert other.pk in owners


def _claim_past_caps() -> None:
    claimed = claim_due(now=timezone.now(), limit=_LIMIT)
    assert not claimed.claims


def main(count: str) -> None:
    """Measure and print."""
    call_command("migrate", verbosity=0)
    owner, other = (User.objects.create_user(name) for name in ("much", "little"))
    _subscribe(other, 0)
    fill(owner, int(count))
    answer = {
        "claim": _milliseconds(_claim),
        "other": _milliseconds(lambda: _reach_other(other)),
        "sweep": _milliseconds(lambda: look(now=timezone.now())),
    }
    # All that may be is under way: what is due beyond must cost no more.
    Webhook.objects.update(max_in_flight=1)
    for webhook in Webhook.objects.all():
        one = webhook.deliveries.order_by("pk").values("pk")[:1]
        lease = timezone.now() + timedelta(hours=1)
        Delivery.objects.filter(pk__in=one).update(status=Delivery.Status.SENDING, due_at=lease)
    answer["capped"] = _milliseconds(_claim_past_caps)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
