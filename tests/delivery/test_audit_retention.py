"""The audit trail is kept for a time of its own, and then removed."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import models

from delivery.conf import delivery_settings
from delivery.models import AuditEntry
from delivery.retention import (
    Pruned,
    count_prunable_audit_trail,
    prune,
    prune_audit_trail,
)
from events.ids import earliest_id
from tests.work import later


def note(owner: models.Model, *, count: int, days: float = 0) -> None:
    """Make entries that were written some days ago."""
    first = earliest_id(later(days=-days)).int
    AuditEntry.objects.bulk_create(
        AuditEntry(
            pk=UUID(int=first + number),
            owner_id=owner.pk,
            action=AuditEntry.Action.WEBHOOK_PAUSED,
            actor_kind=AuditEntry.ActorKind.CODE,
            actor_name="The project",
            target_id="whk_01890a5dac96774bbcceb302099a8057",
            happened_at=later(days=-days),
        )
        for number in range(count)
    )


def run_command(*options: str) -> str:
    out = StringIO()
    call_command("prune", *options, stdout=out)
    return out.getvalue()


def test_entries_are_removed_fifty_two_weeks_after_they_were_written(owner: models.Model) -> None:
    note(owner, count=2)
    keep_for = delivery_settings().audit_retention

    assert list(prune_audit_trail(now=later(weeks=52, minutes=-1), keep_for=keep_for)) == []
    [removed] = prune_audit_trail(now=later(weeks=52, minutes=1), keep_for=keep_for)

    assert removed == Pruned(audit_entries=2)
    assert not AuditEntry.objects.exists()


def test_each_step_removes_a_bounded_number_of_entries_and_the_oldest_first(
    owner: models.Model,
) -> None:
    note(owner, count=700, days=400)
    note(owner, count=400, days=390)
    note(owner, count=1, days=10)
    steps = prune_audit_trail(now=later(), keep_for=timedelta(days=300))

    assert next(steps) == Pruned(audit_entries=500)
    assert AuditEntry.objects.filter(happened_at__lt=later(days=-395)).count() == 200
    assert [step.audit_entries for step in steps] == [500, 100]
    assert AuditEntry.objects.count() == 1


def test_two_at_once_remove_everything_once(owner: models.Model) -> None:
    note(owner, count=1_200, days=400)
    one, other = (prune_audit_trail(now=later(), keep_for=timedelta(days=300)) for _ in range(2))

    removed = [next(one), next(other), *other, *one]

    assert sum(removed, start=Pruned()) == Pruned(audit_entries=1_200)


def test_what_is_counted_is_what_is_then_removed(owner: models.Model) -> None:
    note(owner, count=3, days=400)
    note(owner, count=2)
    spans: dict[str, Any] = {"now": later(), "keep_for": timedelta(days=300)}

    counted = count_prunable_audit_trail(**spans)

    assert counted == Pruned(audit_entries=3)
    assert sum(prune_audit_trail(**spans), start=Pruned()) == counted


@pytest.mark.parametrize("keep_for", [timedelta.max, timedelta(weeks=52 * 100)], ids=str)
def test_what_is_kept_for_longer_than_there_were_clocks_is_kept(
    owner: models.Model, keep_for: timedelta
) -> None:
    note(owner, count=1, days=1_000)

    assert list(prune_audit_trail(now=later(), keep_for=keep_for)) == []


def test_the_retention_of_events_leaves_the_trail_alone(owner: models.Model) -> None:
    note(owner, count=1, days=300)

    assert list(prune(now=later(), keep_for=timedelta(days=1))) == []
    assert run_command("--older-than", "1").endswith("and 0 audit entries.\n")
    assert AuditEntry.objects.exists()


def test_the_command_removes_entries_by_the_setting(owner: models.Model, settings: Any) -> None:
    settings.WEBHOOK_AUDIT_RETENTION = timedelta(days=30)
    note(owner, count=2, days=31)
    note(owner, count=1, days=29)

    would = run_command("--dry-run")
    done = run_command()

    assert would == "Would remove 0 events, 0 deliveries, 0 attempts and 2 audit entries.\n"
    assert done == "Removed 0 events, 0 deliveries, 0 attempts and 2 audit entries.\n"
    assert AuditEntry.objects.count() == 1
