"""Watching models: a change and its event are one transaction, whoever makes the change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.db import models, router, transaction
from django.db.models.signals import post_save, pre_delete

from events.meta import concrete_model_of, meta_of
from events.sources.model_source import ModelAction, ModelSource, model_sources

_RECEIVER = "events.sources.model_changes"
# The instances that are being saved, each with its row before. A stack: while an instance is saved,
# a receiver may save it once more. Not kept on the instance, which receivers copy and pickle.
_saving: ContextVar[tuple[tuple[models.Model, dict[str, Any]], ...]] = ContextVar(
    "events.sources.saving", default=()
)
_wrapped: set[type[models.Model]] = set()


def watch(source: ModelSource) -> None:
    """Publish what happens to the rows of a model from now on; to watch again changes nothing."""
    model, actions = source.model, set(source.actions)
    is_saved = bool(actions & {ModelAction.CREATED, ModelAction.UPDATED})
    for each in _with_subclasses(model):
        if is_saved:
            post_save.connect(_tell_of_save, sender=each, dispatch_uid=_RECEIVER)
        if ModelAction.DELETED in actions:
            pre_delete.connect(_tell_of_deletion, sender=each, dispatch_uid=_RECEIVER)
    if is_saved and _wrapped.isdisjoint(model.__mro__):
        _wrapped.add(model)
        # Outside a transaction, Django tells of a save after it was committed: a process that died
        # just then would have changed the row and lost the event.
        setattr(model, "save_base", _with_events(model.save_base))  # noqa: B010 - no plain attribute


def _with_subclasses(model: type[models.Model]) -> Iterator[type[models.Model]]:
    yield model
    for each in model.__subclasses__():
        yield from _with_subclasses(each)


def _with_events(save_base: Callable[..., None]) -> Callable[..., None]:
    @wraps(save_base)
    def save_base_with_events(
        self: models.Model, *args: Any, using: str | None = None, **kwargs: Any
    ) -> None:
        using = using or router.db_for_write(type(self), instance=self)
        # Without a savepoint, as Django saves: thousands of them in one transaction are a burden.
        whole = transaction.atomic(using=using, savepoint=False)
        with whole, _remembering_row(self, using=using):
            save_base(self, *args, using=using, **kwargs)

    return save_base_with_events


@contextmanager
def _remembering_row(instance: models.Model, *, using: str) -> Iterator[None]:
    token = _saving.set((*_saving.get(), (instance, _watched_row(instance, using=using))))
    try:
        yield
    finally:
        _saving.reset(token)


def _watched_row(instance: models.Model, *, using: str) -> dict[str, Any]:
    """Return the stored fields whose change is asked for, and lock them: so they stay until then.

    They are read before and after a save, rather than compared with what the instance holds: that
    may be of another type, be left out by `update_fields`, or be reckoned by the database.
    """
    sources = _sources(type(instance), ModelAction.UPDATED)
    names = {name for source in sources for name in source.when_changed}
    return _locked_row(instance, *names, using=using) if names and instance.pk is not None else {}


def _locked_row(instance: models.Model, *names: str, using: str) -> dict[str, Any]:
    # Not by a manager, which may hide rows. Rows that refer to this one may be added meanwhile.
    rows: models.QuerySet[models.Model] = models.QuerySet(type(instance), using=using)
    rows = rows.filter(pk=instance.pk)
    return rows.select_for_update(no_key=True).values(*names).first() or {}


def _tell_of_save(
    sender: type[models.Model],
    instance: models.Model,
    *,
    created: bool,
    raw: bool,
    using: str,
    **_: Any,
) -> None:
    if raw:  # A fixture is loaded: what it holds happened long ago.
        return
    sources = _sources(sender, ModelAction.CREATED if created else ModelAction.UPDATED)
    if not created:
        changed = _changed_fields(instance, using=using)
        sources = [each for each in sources if not each.when_changed or each.when_changed & changed]
    saved = _as_reckoned(instance, using=using) if sources else instance
    for source in sources:
        source.publish(saved)


def _as_reckoned(instance: models.Model, *, using: str) -> models.Model:
    """Return the instance, or a copy with what the database has reckoned for it, as of an `F()`."""
    held = vars(instance)
    names = [
        field.attname
        for field in meta_of(type(instance)).concrete_fields
        if field.generated or hasattr(held.get(field.attname), "resolve_expression")
    ]
    if not names:
        return instance
    reckoned = object.__new__(type(instance))
    vars(reckoned).update(held | _locked_row(instance, *names, using=using))
    return reckoned


def _changed_fields(instance: models.Model, *, using: str) -> set[str]:
    after = _watched_row(instance, using=using)
    before = next((row for saved, row in reversed(_saving.get()) if saved is instance), None) or {}
    return {name for name, value in after.items() if name not in before or before[name] != value}


def _tell_of_deletion(
    sender: type[models.Model], instance: models.Model, *, using: str, **_: Any
) -> None:
    # Of a row in two tables, as of a model with a parent, Django tells for each of the two.
    model = concrete_model_of(sender)
    sources = [each for each in _sources(sender, ModelAction.DELETED) if each.model is model]
    # Of two who delete a row, Django tells for each. It is gone when the second one looks.
    if sources and _locked_row(instance, "pk", using=using):
        for source in sources:
            source.publish(instance)


def _sources(model: type[models.Model], action: str) -> list[ModelSource]:
    return [
        source
        for _, source in model_sources()
        if action in source.actions and issubclass(model, source.model)
    ]
