"""`ModelSource`: what makes the events of one class, of which model and of which actions."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from django.db import models

from events.event import Event, event_types
from events.models import EventRecord
from events.publishing import Everyone, publish
from events.sources.owners import OwnerRule, follow


class ModelAction(enum.StrEnum):
    """What happens to rows by itself; any other action is one that `fire` tells of."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class Serialized(Protocol):
    """What a serializer makes of an instance."""

    @property
    def data(self) -> Any:
        """The instance in plain values."""


Serializer: TypeAlias = Callable[[Any], Serialized]


@dataclass(frozen=True, kw_only=True)
class ModelSource:
    """A model and the actions that are told of; `make` is the event class's `from_instance`."""

    model: type[models.Model]
    actions: tuple[str, ...]
    owner: OwnerRule
    when_changed: frozenset[str]
    serializer: Serializer | None
    make: Callable[[models.Model], Event]

    def publish(
        self, instance: models.Model, *, owner: models.Model | Everyone | None = None
    ) -> EventRecord | None:
        """Publish what happened to an instance, or nothing if it has no owner.

        `owner` takes the place of the owner that was declared.
        """
        whose = self._owner_of(instance) if owner is None else owner
        return None if whose is None else publish(self.make(instance), owner=whose)

    def _owner_of(self, instance: models.Model) -> models.Model | Everyone | None:
        if isinstance(self.owner, str):
            found: models.Model | None = follow(self.owner, start=instance)
            return found
        return self.owner if isinstance(self.owner, Everyone) else self.owner(instance)


def model_sources() -> Iterator[tuple[str, ModelSource]]:
    """Give the name of each event type that comes from a model, with its source.

    They are kept nowhere else, so that an event type that was forgotten publishes nothing.
    """
    for event_type in event_types:
        source = vars(event_type.event_class).get("__model_source__")
        if isinstance(source, ModelSource):
            yield event_type.name, source
