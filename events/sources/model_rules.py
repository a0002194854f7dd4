"""What can be wrong with the declaration of a `ModelEvent`, said when the class is defined."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.apps import apps
from django.db import models

from events.errors import InvalidEventClass
from events.meta import concrete_model_of, meta_of
from events.sources.model_source import ModelAction, ModelSource, model_sources

_ACTION_NAME = re.compile(r"[a-z][a-z0-9_]*")
# As an action of one's own, each of these would wait forever for somebody to fire it.
_MISTAKEN_ACTIONS = {
    "create": "'created'",
    "update": "'updated'",
    "delete": "'deleted'",
    "save": "('created', 'updated')",
}


def checked_model(model: object, *, where: str) -> type[models.Model]:
    """Return the model, or raise `InvalidEventClass` for one whose rows cannot be told of."""
    if not apps.models_ready:
        raise InvalidEventClass(
            f"{where} is defined before the models are loaded. Define it in its app's "
            f"webhooks.py, which is imported at start."
        )
    if not (isinstance(model, type) and issubclass(model, models.Model)) or _has_no_rows(model):
        raise InvalidEventClass(
            f"{where}: model={model!r} is not a model with rows of its own. Pass the class of one."
        )
    concrete = concrete_model_of(model)
    if concrete is not model:
        raise InvalidEventClass(
            f"{where}: {model.__name__} is a proxy. Pass model={concrete.__name__}, whose proxies "
            f"count as well."
        )
    return model


def _has_no_rows(model: type[models.Model]) -> bool:
    # Of rows that Django makes for a many-to-many relation, it tells by m2m_changed only.
    meta = meta_of(model)
    return bool(meta.abstract or meta.swapped or meta.auto_created)


def checked_actions(on: str | Collection[str], *, where: str) -> tuple[str, ...]:
    """Return the actions, or raise `InvalidEventClass` if there are none or one has no name."""
    actions = (on,) if isinstance(on, str) else tuple(on)
    if not actions:
        raise InvalidEventClass(
            f"{where} does not say when it happens. Pass on='created', 'updated' or 'deleted', an "
            f"action of your own to be fired, or a tuple of them."
        )
    for action in actions:
        if not _ACTION_NAME.fullmatch(action):
            raise InvalidEventClass(
                f"{where}: {action!r} is not a name for an action. Use lower-case letters, digits "
                f"and underscores, beginning with a letter, such as 'read'."
            )
        if action in _MISTAKEN_ACTIONS:
            raise InvalidEventClass(
                f"{where}: on={action!r} never happens. Pass on={_MISTAKEN_ACTIONS[action]}."
            )
    return actions


def checked_when_changed(
    names: Collection[str], *, model: type[models.Model], actions: Collection[str], where: str
) -> frozenset[str]:
    """Return the names, or raise `InvalidEventClass` if a change of one could not be seen."""
    if isinstance(names, str):
        raise InvalidEventClass(f"{where}: pass when_changed=[{names!r}], a list.")
    if names and ModelAction.UPDATED not in actions:
        raise InvalidEventClass(
            f"{where}: when_changed={list(names)} says which updates to tell of. Pass it with "
            f"on='updated', or leave it out."
        )
    columns = [field.name for field in meta_of(model).concrete_fields]
    for name in names:
        if name not in columns:
            raise InvalidEventClass(
                f"{where}: when_changed names {name!r}, which is not stored with a "
                f"{model.__name__}. These are: {', '.join(columns)}."
            )
    return frozenset(names)


def check_only_one(source: ModelSource, *, name: str, where: str) -> None:
    """Raise `InvalidEventClass` if an event type of another name tells of the same already."""
    for other_name, other in model_sources():
        both = set(source.actions) & set(other.actions)
        if source.when_changed != other.when_changed:
            both.discard(ModelAction.UPDATED)  # Each is told of other fields.
        if both and other.model is source.model and other_name != name:
            raise InvalidEventClass(
                f"{where}: {name!r} and {other_name!r} would both tell of each "
                f"{source.model.__name__} that is {' or '.join(sorted(both))}. Keep one of them."
            )
