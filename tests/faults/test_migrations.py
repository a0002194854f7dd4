"""What migrations may do to tables that processes of the version before still write to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import migrations
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, Field

OURS = ("webhook_events", "webhook_delivery", "webhook_api")
# What is before this was never meant to be beside what came after: it took a column away.
LAST_WITHOUT_CARE = ("webhook_delivery", "0003_sealed_secrets")
TAKES_AWAY = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
)


def is_careful(app: str, name: str, migration: Migration) -> bool:
    since, last = LAST_WITHOUT_CARE
    return app in OURS and not migration.initial and (app != since or name > last)


CAREFUL = [
    migration
    for key, migration in sorted(MigrationLoader(None).disk_migrations.items())
    if is_careful(*key, migration)
]


def takes_rows_without_it(field: Field[Any, Any]) -> bool:
    return bool(field.null or field.many_to_many or field.db_default is not NOT_PROVIDED)


@pytest.mark.parametrize("migration", CAREFUL, ids=str)
def test_a_process_of_before_a_migration_can_go_on_writing_after_it(migration: Migration) -> None:
    added = [each for each in migration.operations if isinstance(each, migrations.AddField)]

    assert [each.name for each in added if not takes_rows_without_it(each.field)] == []
    assert [each for each in migration.operations if isinstance(each, TAKES_AWAY)] == []
