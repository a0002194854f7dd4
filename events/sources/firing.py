"""`fire`: tell of an action that Django knows nothing of."""

from __future__ import annotations

from django.db import models, router, transaction

from events.models import EventRecord
from events.publishing import Everyone
from events.registry import NotRegistered
from events.sources.model_source import ModelAction, model_sources


def fire(
    instance: models.Model, *, action: str, owner: models.Model | Everyone | None = None
) -> tuple[EventRecord, ...]:
    """Publish what happened to an instance: the events declared for its model and this action.

        fire(book, action="read")

    It writes in the caller's transaction, as `publish` does, and answers with what was recorded:
    nothing if the instance has no owner. `owner` takes the place of the declared owner, and may be
    `EVERYONE`.

    Raises `NotRegistered` if there is no such action of the model, `ValueError` for one that tells
    of itself, and what `publish` raises. In each case nothing is written.
    """
    if action in tuple(ModelAction):
        raise ValueError(
            f"{action!r} is told of by itself when a row is saved or deleted. To tell of a change "
            f"that sent no signal, publish(SomeEvent.from_instance(instance), owner=…)."
        )
    model = instance.__class__  # Of what it stands for, if it is lazy, as `request.user` is.
    declared = [source for _, source in model_sources() if issubclass(model, source.model)]
    sources = [source for source in declared if action in source.actions]
    if not sources:
        own = sorted({a for source in declared for a in source.actions} - set(ModelAction))
        raise NotRegistered(
            f"No event is declared for the action {action!r} of {model.__name__}. There is "
            f"{', '.join(own) or 'none'}."
        )
    with transaction.atomic(using=router.db_for_write(EventRecord)):
        records = [source.publish(instance, owner=owner) for source in sources]
    return tuple(record for record in records if record)
