"""One measurement of the fan-out: `python -m benchmarks.measure_fanout WORKLOAD [WEBHOOKS]`.

The answer is one line of JSON. The database is whichever `DATABASE_URL` names.
"""

from __future__ import annotations

import json
import sys
import time
from multiprocessing import get_context
from typing import Any

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models exist only after setup()
from django.core.management import call_command  # noqa: E402 - as above
from django.db import connection  # noqa: E402 - as above
from django.utils import timezone  # noqa: E402 - as above

from benchmarks.consumption import bytes_in_memory  # noqa: E402 - as above
from benchmarks.measure import Statements  # noqa: E402 - as above
from delivery.conditions import PayloadCondition, PayloadMatch  # noqa: E402 - as above
from delivery.conditions.condition import dump_conditions  # noqa: E402 - as above
from delivery.fanout import fan_out_steps  # noqa: E402 - as above
from delivery.models import Delivery, EventSubscription, Webhook  # noqa: E402 - as above
from events.publishing import EVERYONE, publish  # noqa: E402 - as above
from events.webhooks import Ping  # noqa: E402 - as above

_WEBHOOKS = "10000"
_OWNERS = 10
_MIB = 1024 * 1024
# On this, Python's own `re` tries the first of the patterns below for longer than anyone waits.
_MESSAGE = "a" * 10_000 + "!"


def _condition(match: str, value: Any, *, negate: bool = False) -> PayloadCondition:
    return PayloadCondition(path="message", match=PayloadMatch(match), value=value, negate=negate)


_EXISTS = _condition("exists", value=True)
_FEW = (
    _condition("like", "^(a+)+$", negate=True),
    _condition("like", "(a|aa)+!"),
    _condition("starts_with", "aaa"),
    _condition("ends_with", "!"),
    _condition("contains", "a!"),
    _condition("any", ["one", "two", _MESSAGE]),
    _condition("is", "b", negate=True),
    _condition("contains", "b", negate=True),
)


def _conditions(workload: str, number: int) -> list[PayloadCondition]:
    """Return the conditions of a webhook, all of which are met."""
    return {
        "none": [],
        "few": [_FEW[number % len(_FEW)], _EXISTS],
        "distinct": [_condition("is", f"customer {number}", negate=True), _EXISTS],
        "patterns": [_condition("like", f"^(a+)+{number}$", negate=True), _EXISTS],
    }[workload]


def _make_webhooks(workload: str, count: int) -> None:
    call_command("migrate", verbosity=0)
    owners = [User.objects.create_user(f"owner-{time.time_ns()}") for _ in range(_OWNERS)]
    webhooks = Webhook.objects.bulk_create(
        Webhook(
            owner=owners[number % _OWNERS],
            name="A webhook",
            url=f"https://example.com/{number}",
            fingerprint=str(number),
        )
        for number in range(count)
    )
    EventSubscription.objects.bulk_create(
        EventSubscription(
            webhook=webhook,
            event_type="ping",
            conditions=dump_conditions(_conditions(workload, number)),
        )
        for number, webhook in enumerate(webhooks)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # As autovacuum does it within a minute.
            cursor.execute("ANALYZE")


def main(workload: str, webhooks: str = _WEBHOOKS) -> None:
    """Measure and print."""
    count = int(webhooks)
    # In a process of its own, whose memory is not measured.
    making = get_context("spawn").Process(target=_make_webhooks, args=(workload, count))
    making.start()
    making.join()
    publish(Ping(message=_MESSAGE), owner=EVERYONE)
    statements = Statements()
    before, start = bytes_in_memory(), time.perf_counter()
    with connection.execute_wrapper(statements):
        for _ in fan_out_steps(clock=timezone.now):
            pass
    seconds, memory = time.perf_counter() - start, bytes_in_memory(at_most=True) - before
    assert Delivery.objects.count() == count
    answer = {
        "seconds": seconds,
        "rate": count / seconds,
        "statements": statements.count,
        "mebibytes": memory / _MIB,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
