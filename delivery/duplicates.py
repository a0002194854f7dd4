"""Duplicates: what the unique constraints of webhooks refuse, as mistakes to put right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from delivery.errors import ErrorCode, Mistake, Refused


@contextmanager
def duplicates_refused() -> Iterator[None]:
    """Turn the refusal of a unique constraint into the mistake it stands for."""
    try:
        # A savepoint, because PostgreSQL ends the transaction in which a statement failed.
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if (mistake := _TAKEN.get(_violated(error))) is None:
            raise
        raise Refused(mistake) from None


def _violated(error: IntegrityError) -> str:
    """Return what was violated: PostgreSQL tells the constraint, SQLite the last of its columns."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(error).rpartition(".")[2] if diagnosis is None else diagnosis.constraint_name


_TAKEN_KEY = Mistake(
    code=ErrorCode.TAKEN, message="Another of your webhooks has this key.", path=("key",)
)
_DUPLICATE = Mistake(
    code=ErrorCode.TAKEN, message="Another of your webhooks sends the same events to this URL."
)
_TAKEN = {
    "webhook_key": _TAKEN_KEY,
    "key": _TAKEN_KEY,
    "webhook_duplicate": _DUPLICATE,
    "fingerprint": _DUPLICATE,
}
