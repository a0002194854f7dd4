"""A thread that works many times in a second has its connections looked after all the same."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from delivery.fresh_connections import refresh_connections

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to lose."),
]


def ask() -> int:
    """Refresh the connections and ask for the number of the server's process."""
    refresh_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
    assert row
    return int(row[0])


def test_a_connection_that_was_lost_is_replaced_as_soon_as_that_was_noticed() -> None:
    first = ask()
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    second = ask()

    assert second != first
    assert ask() == second


def test_a_connection_is_not_checked_before_each_of_many_uses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checks: list[None] = []
    is_usable = DatabaseWrapper.is_usable

    def counting(wrapper: DatabaseWrapper) -> bool:
        checks.append(None)
        return is_usable(wrapper)

    monkeypatch.setattr(DatabaseWrapper, "is_usable", counting)

    for _ in range(50):
        ask()

    assert len(checks) < 25
