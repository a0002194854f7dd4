"""Whether what webhooks ask of their events still fits the event classes as they now are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from delivery.conditions.condition import load_conditions
from delivery.conditions.rules import condition_mistakes
from delivery.models import EventSubscription, Webhook
from delivery.selection import selection_mistakes
from events.event import EventType, event_types

_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """An event subscription that would be refused today, with one reason for it."""

    webhook: Webhook
    event_type: str
    problem: str


def find_misfits() -> Iterator[Misfit]:
    """Find the event subscriptions that the event classes as they now are would refuse.

    Those of cancelled webhooks are left out. Rows are read as they are needed, so that any number
    of them takes the same memory.
    """
    problems_of = lru_cache(maxsize=_ROWS_AT_ONCE)(_problems)
    live = EventSubscription.objects.exclude(webhook__status=Webhook.Status.CANCELLED)
    rows = live.select_related("webhook__owner").order_by("webhook_id", "pk")
    for row in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        for problem in problems_of(row.event_type, row.conditions, row.selection):
            yield Misfit(webhook=row.webhook, event_type=row.event_type, problem=problem)


def _problems(event_type: str, conditions: str, selection: str) -> tuple[str, ...]:
    declared = event_types.find(event_type)
    if declared is None:
        return ("The event type is not registered.",)
    return (
        *_condition_problems(declared, conditions),
        *(each.message for each in selection_mistakes(declared, selection, path=())),
    )


def _condition_problems(declared: EventType, text: str) -> Iterator[str]:
    try:
        conditions = load_conditions(text)
    except ValueError:
        # A row that was changed by hand must not hide what is wrong with the others.
        yield "The conditions cannot be read."
        return
    for mistake in condition_mistakes(declared, conditions, path=()):
        yield mistake.message
