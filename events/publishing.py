"""`publish` and `publish_many`: say what happened, in the transaction that made it happen."""

from __future__ import annotations

import enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db import models, router, transaction
from django.utils import timezone

from events.conf import owner_model
from events.errors import ConflictingKey
from events.event import Event, event_type_of
from events.models import EventRecord
from events.ordering import ordering_key
from events.payload import encode_payload
from events.signals import event_recorded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_LONGEST_KEY = 200
# Of one INSERT; well below what a statement of PostgreSQL can hold.
_BATCH_SIZE = 1_000


class Everyone(enum.Enum):
    """The audience of an event that concerns every owner."""

    EVERYONE = "everyone"


EVERYONE: Final = Everyone.EVERYONE


def publish(
    event: Event,
    *,
    owner: models.Model | Everyone,
    key: str | None = None,
    occurred_at: datetime | None = None,
) -> EventRecord:
    """Record that `event` happened; its webhooks are told once the transaction commits.

    One INSERT in the caller's transaction: if that rolls back, nothing happened. `owner` is whose
    event it is, a row of the owner model; `EVERYONE` sends it to the webhooks of all owners. `key`
    makes publishing repeatable: the second event of the same type and owner with the same key and
    payload answers with the first one's record. `occurred_at` is now when left out.

    Raises `InvalidPayload` for a field that is not of its declared type, `ConflictingKey` for a key
    that was used with another payload, `TypeError` or `ValueError` for an unusable argument. In
    each case nothing is written.
    """
    record = _record_of(
        event,
        owner_id=_owner_id(owner),
        key=_checked_key(key),
        occurred_at=_checked_moment(occurred_at) or timezone.now(),
    )
    using = router.db_for_write(EventRecord)
    if key is None:
        record.save(force_insert=True, using=using)
    else:
        record = _insert_once(record, using=using)
    _announce((record,), using=using)
    return record


def publish_many(
    events: Iterable[Event], *, owner: models.Model | Everyone
) -> tuple[EventRecord, ...]:
    """Record that all of `events` happened, or none if one of them cannot be published.

    For many at once, such as what a bulk operation changed: one INSERT for each thousand of them,
    and one signal. The records come in the order of the events; `owner` is that of each, and each
    happened now.

    Raises `InvalidPayload`, `TypeError` or `ValueError` as `publish` does, and nothing is written.
    """
    owner_id, now = _owner_id(owner), timezone.now()
    records = tuple(_record_of(event, owner_id=owner_id, occurred_at=now) for event in events)
    if records:
        using = router.db_for_write(EventRecord)
        EventRecord.objects.using(using).bulk_create(records, batch_size=_BATCH_SIZE)
        _announce(records, using=using)
    return records


def _record_of(
    event: Event,
    *,
    owner_id: Any,
    occurred_at: datetime,
    key: str | None = None,
) -> EventRecord:
    event_type = event_type_of(_checked_event(event))
    return EventRecord(
        event_type=event_type.name,
        owner_id=owner_id,
        payload=encode_payload(event),
        key=key,
        ordering_key=ordering_key(
            event, fields=event_type.fields, ordered_by=event_type.ordered_by
        ),
        occurred_at=occurred_at,
    )


def _announce(records: tuple[EventRecord, ...], *, using: str) -> None:
    # Robust: what a receiver raises is logged by Django, and never shown to the caller.
    announce = partial(event_recorded.send_robust, sender=EventRecord, records=records)
    transaction.on_commit(announce, using=using, robust=True)


def _insert_once(record: EventRecord, *, using: str) -> EventRecord:
    # A constraint decides, not a look beforehand: of two at once, one finds the other's row.
    rows = EventRecord.objects.using(using)
    rows.bulk_create([record], ignore_conflicts=True)
    stored = rows.get(owner=record.owner_id, event_type=record.event_type, key=record.key)
    if stored.payload != record.payload:
        raise ConflictingKey(
            f"The key {record.key!r} was used for {stored.public_id}, a {record.event_type!r} with "
            f"another payload. Use a key that is different for each event."
        )
    return stored


def _checked_event(event: object) -> Event:
    if isinstance(event, Event):
        return event
    raise TypeError(
        f"What is published is an instance of an Event class, not {event!r:.80}. Declare the "
        f"event as a class and pass an instance of it."
    )


def _owner_id(owner: object) -> Any:  # Any: the type of the key of a model of choice.
    if owner is EVERYONE:
        return None
    expected: type[models.Model] = apps.get_model(owner_model())
    if not isinstance(owner, expected):
        raise TypeError(
            f"owner must be a {expected.__name__} or EVERYONE, not {owner!r:.80}. For an event "
            f"that concerns every owner, pass owner=EVERYONE."
        )
    if owner.pk is None:
        raise ValueError(f"owner must be saved before an event of theirs is published: {owner!r}.")
    return owner.pk


def _checked_key(key: str | None) -> str | None:
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise ValueError(f"key must have 1 to {_LONGEST_KEY} characters, not {len(key)}.")
    if key is not None and not key.isprintable():
        raise ValueError(f"key must be printable text, without control characters: {key!r}.")
    return key


def _checked_moment(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.utcoffset() is None:
        raise ValueError(f"occurred_at must have a UTC offset, as timezone.now() has: {moment!r}.")
    return moment
