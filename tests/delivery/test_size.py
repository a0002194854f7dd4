"""However much waits, a look at it costs the same: shown by the plans of PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.utils import timezone

from delivery import actors
from delivery.engine.claim import claim_due
from delivery.engine.sweep import look
from delivery.models import Delivery, Webhook
from delivery.parking import PART, tend_parked
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
from tests.work import later, subscribe

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="The plans are PostgreSQL's."),
]

EVENTS = 250
WEBHOOKS = 40
ALL = EVENTS * WEBHOOKS
LIMIT = 100


@dataclass(frozen=True)
class Step:
    """A step of a plan that was carried out: how it read a table, and how many rows."""

    kind: str
    table: str
    rows: int


@pytest.fixture
def backlog(owner: models.Model) -> None:
    """Have ten thousand deliveries each that are due, due again, due later, parked, and over."""
    now = timezone.now()
    webhooks = [subscribe(owner, f"http://127.0.0.1:4/{i}") for i in range(WEBHOOKS)]
    for kind in (
        {"status": Delivery.Status.PENDING, "due_at": now - timedelta(minutes=1)},
        {"status": Delivery.Status.RETRYING, "due_at": now - timedelta(minutes=1)},
        {"status": Delivery.Status.RETRYING, "due_at": now + timedelta(hours=1)},
        {"status": Delivery.Status.PENDING},
        {"status": Delivery.Status.SUCCEEDED, "completed_at": now},
    ):
        records = EventRecord.objects.bulk_create(
            EventRecord(
                owner_id=owner.pk,
                event_type="ping",
                payload="{}",
                occurred_at=now,
                fanned_out_at=now,
            )
            for _ in range(EVENTS)
        )
        Delivery.objects.bulk_create(
            Delivery(owner_id=owner.pk, event=record, webhook=webhook, **kind)
            for record in records
            for webhook in webhooks
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def explained() -> Iterator[list[Step]]:
    """Give the steps of all plans that are carried out meanwhile."""
    steps: list[Step] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, *call: Any) -> Any:
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                [[found]] = cursor.cursor.fetchall()
            plan = found if isinstance(found, list) else json.loads(found)
            steps.extend(_steps(plan[0]["Plan"]))
        return execute(sql, params, *call)

    with connection.execute_wrapper(explain):
        yield steps


def _steps(plan: dict[str, Any]) -> Iterator[Step]:
    if table := plan.get("Relation Name"):
        looked_at = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield Step(plan["Node Type"], table, int(looked_at * plan["Actual Loops"]))
    for each in plan.get("Plans", ()):
        yield from _steps(each)


def of_deliveries(steps: list[Step]) -> list[Step]:
    found = [step for step in steps if step.table == Delivery._meta.db_table]
    assert found
    return found


@pytest.mark.usefixtures("backlog")
def test_a_claim_looks_at_no_more_rows_than_it_may_take() -> None:
    with explained() as steps:
        claimed = claim_due(now=timezone.now(), limit=LIMIT)

    assert len(claimed.claims) == LIMIT
    assert {step.kind for step in of_deliveries(steps)} <= {"Index Scan", "Index Only Scan"}
    assert max(step.rows for step in of_deliveries(steps)) <= LIMIT


@pytest.mark.usefixtures("backlog")
def test_a_claim_looks_at_no_more_rows_however_many_belong_to_webhooks_at_their_cap() -> None:
    Webhook.objects.update(max_in_flight=1)
    claim_due(now=timezone.now(), limit=WEBHOOKS * 2)

    with explained() as steps:
        claimed = claim_due(now=timezone.now(), limit=LIMIT)

    assert not claimed.claims
    assert max(step.rows for step in of_deliveries(steps)) <= LIMIT


@pytest.mark.usefixtures("backlog")
def test_the_sweep_reads_nothing_but_indexes() -> None:
    with explained() as steps:
        found = look(now=timezone.now())

    assert found.deliveries_due
    assert {step.kind for step in of_deliveries(steps)} == {"Index Only Scan"}
    assert max(step.rows for step in of_deliveries(steps)) <= 1


@pytest.mark.usefixtures("backlog")
def test_what_is_sent_on_is_found_among_no_more_rows_than_it_has() -> None:
    now = timezone.now()
    Webhook.objects.filter(pk=Webhook.objects.earliest("pk").pk).update(probe_at=now)

    with explained() as steps:
        tend_parked(now=now)

    assert max(step.rows for step in of_deliveries(steps)) <= PART


@pytest.mark.usefixtures("backlog")
def test_turns_are_found_by_looking_at_one_row_for_each_owner(owner: models.Model) -> None:
    publish(Ping(), owner=owner)

    with explained() as steps:
        actors.fan_out()

    assert Delivery.objects.filter(due_at__lte=later()).count() == ALL * 2 + WEBHOOKS
    assert max(step.rows for step in of_deliveries(steps)) <= 1
