"""Recording: what became of claimed deliveries, many in one short transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, Value, When

from delivery.callbacks import DeliveryAttempted
from delivery.engine.announce import News, is_heard
from delivery.engine.job import Crashed, Ended, NotSent, Sent
from delivery.engine.order import let_first_go
from delivery.engine.steps import Step, next_step, outcome_of
from delivery.faults import FaultPoint, pass_by
from delivery.health import Noted, lock_standings, note_results
from delivery.inserting import insert
from delivery.models import Attempt, Delivery
from delivery.parking import send_following, send_parked

_MOST = 200


def most_at_once() -> int:
    """Return how many results can be recorded in a constant number of statements."""
    # SQLite takes so many values in a statement, by Django's count.
    values = connection.features.max_query_params
    return min(_MOST, values // len(Attempt._meta.concrete_fields)) if values else _MOST  # noqa: SLF001 - Django's public name for it


class Recorded(NamedTuple):
    """What is to be told, the webhooks that came to rest, and whether more was made due."""

    news: list[News]
    held_back: frozenset[UUID]
    has_sent_on: bool


def record(ended: Sequence[Ended], *, now: datetime, random: Random) -> Recorded:
    """Write down how jobs ended, in a constant number of statements.

    A delivery that this worker no longer holds is left as it is: its lease ran out, and another
    worker's number stands in its row.
    """
    # The last one counts: who finds its own lease run out, as when the clock jumps, claims again.
    by_claim = sorted(ended, key=lambda item: item.job.claim.fence)
    items = {item.job.claim.delivery_id: item for item in by_claim if not isinstance(item, Crashed)}
    with transaction.atomic():
        # Webhooks before deliveries, as a pause or a cancel locks them.
        standings = lock_standings(items.values())
        rows = Delivery.objects.filter(pk__in=items).order_by("pk").select_for_update()
        held = {
            pk: items[pk]
            for pk, fence in rows.values_list("pk", "fence")
            if items[pk].job.claim.fence == fence
        }
        sent = [item for item in held.values() if isinstance(item, Sent)]
        noted = note_results(sent, standings=standings, now=now)
        steps = {
            pk: next_step(
                item,
                standing=noted.standings[item.job.webhook.pk],
                now=now,
                random=random,
            )
            for pk, item in held.items()
        }
        insert([step.attempt for step in steps.values() if step.attempt])
        pass_by(FaultPoint.ATTEMPTS_WRITTEN)
        _apply(steps, now=now)
        following = _following(held.values(), noted)
        send_following(following, now=now)
        send_parked(noted.recovered, now=now)
        next_of_keys = let_first_go(
            [pk for pk, item in held.items() if item.job.claim.is_ordered], now=now
        )
        pass_by(FaultPoint.RECORDED)
    pass_by(FaultPoint.RECORD_COMMITTED)
    news = [*_heard(held, steps), *noted.suspended]
    return Recorded(
        news,
        held_back=noted.held_back,
        has_sent_on=bool(following or noted.recovered or next_of_keys),
    )


def _following(ended: Iterable[Sent | NotSent], noted: Noted) -> dict[UUID, int]:
    """Return of which webhooks how much of what is parked is sent on for these results."""
    counts = Counter(item.job.webhook.pk for item in ended)
    # Twice as many as have ended, so that a fast endpoint soon has all that it can take.
    return {pk: count * 2 for pk, count in counts.items() if noted.standings[pk].has_more_parked}


def _heard(held: Mapping[UUID, Sent | NotSent], steps: Mapping[UUID, Step]) -> Iterator[News]:
    """Find the attempts that somebody wants to be told of."""
    for pk, step in steps.items():
        item = held[pk]
        if step.attempt and is_heard(item.job.webhook, step.status):
            yield DeliveryAttempted(
                webhook=item.job.webhook,
                event=item.job.event,
                attempt=step.attempt,
                outcome=outcome_of(item),
                body=item.request.body if isinstance(item, Sent) else b"",
                status=step.status,
            )


def _apply(steps: Mapping[UUID, Step], *, now: datetime) -> None:
    alike: dict[tuple[Delivery.Status, bool], list[UUID]] = defaultdict(list)
    for pk, step in steps.items():
        alike[step.status, step.attempt is not None].append(pk)
    for (status, is_attempted), keys in alike.items():
        changes = {"attempt_count": F("attempt_count") + 1} if is_attempted else {}
        Delivery.objects.filter(pk__in=keys).update(
            status=status,
            due_at=_due_at({pk: steps[pk] for pk in keys}),
            completed_at=now if steps[keys[0]].has_ended else None,
            crashes=0,
            **changes,
        )


def _due_at(steps: Mapping[UUID, Step]) -> Case | Value:
    moments = {pk: step.due_at for pk, step in steps.items() if step.due_at}
    if not moments:
        return Value(None, output_field=DateTimeField())
    cases = (When(pk=pk, then=Value(moment)) for pk, moment in moments.items())
    return Case(*cases, default=None, output_field=DateTimeField())
