"""`ModelEvent`: an event that publishes itself when a row is created, changed or deleted."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection
from typing import Any, ClassVar, Self, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from events.errors import InvalidEventClass, InvalidPayload
from events.event import Event, EventType
from events.payload import decode_payload
from events.sources.attributes import check_attributes, check_owner_path, read_object
from events.sources.model_changes import watch
from events.sources.model_rules import (
    check_only_one,
    checked_actions,
    checked_model,
    checked_when_changed,
)
from events.sources.model_source import ModelSource, Serializer
from events.sources.owners import OwnerRule, checked_owner_rule


class ModelEvent(Event):
    """An event that publishes itself when something happens to a row of a model.

    Subclassing declares a type of event, as with `Event`, and says of what and when:

        class BookAdded(ModelEvent, name="book.added", model=Book, on="created", owner="owner"):
            '''A book was added to the catalogue.'''

            title: str
            pages: int

    `on` is `created`, `updated` or `deleted`, an action of your own that `fire` tells of, or a
    tuple of these. `owner` is a path of attributes that leads to the owner, such as `order.owner`,
    a callable that is given the instance, or `EVERYONE`; where it comes to None, nothing is
    published. `when_changed` limits updates to those that change one of these fields.

    Each field is read from the instance's attribute of its name. A `serializer`, such as one of
    Django REST framework, may make the payload instead, or `from_instance` be overridden.

    Raises `InvalidEventClass` at definition for what could not work later.
    """

    __model_source__: ClassVar[ModelSource]

    def __init_subclass__(  # noqa: PLR0913 - by name, each on a line of the class's head
        cls,
        *,
        name: str | None = None,
        model: type[models.Model] | None = None,
        on: str | Collection[str] = (),
        owner: OwnerRule | None = None,
        when_changed: Collection[str] = (),
        serializer: Serializer | None = None,
        **kwargs: Any,
    ) -> None:
        """Declare the event type and, with a name, have its model watched."""
        where = f"{cls.__module__}.{cls.__qualname__}"
        if name is None:
            if model or on or owner or when_changed or serializer:
                raise InvalidEventClass(
                    f"{where} has no name, so it is a base for others. Say of which model it "
                    f"tells, and when, in the classes with a name."
                )
            super().__init_subclass__(**kwargs)
            return
        model = checked_model(model, where=where)
        actions = checked_actions(on, where=where)
        source = ModelSource(
            model=model,
            actions=actions,
            owner=checked_owner_rule(owner, where=where),
            when_changed=checked_when_changed(
                when_changed, model=model, actions=actions, where=where
            ),
            serializer=serializer,
            make=cls.from_instance,
        )
        check_only_one(source, name=name, where=where)
        check_owner_path(owner, model=model, where=where)
        cls.__model_source__ = source
        super().__init_subclass__(name=name, **kwargs)
        watch(source)

    @classmethod
    def _check_event_type(cls, event_type: EventType) -> None:
        is_overridden = inspect.getattr_static(cls, "from_instance") is not _READ_FROM_ATTRIBUTES
        source = cls.__model_source__
        if not is_overridden and source.serializer is None:
            check_attributes(event_type.fields, model=source.model, where=cls.__qualname__)

    @classmethod
    def from_instance(cls, instance: Any) -> Self:
        """Return the event that tells of an instance; to be overridden where that takes more.

        Raises `InvalidPayload` if an attribute is missing, or if what a serializer makes does not
        fit the declared fields.
        """
        serializer = cls.__model_source__.serializer
        if serializer is None:
            return cast("Self", read_object(cls.__event_type__.fields, instance))
        text = _json_text(serializer(instance).data)
        return cast("Self", decode_payload(cls.__event_type__, text))


_READ_FROM_ATTRIBUTES = vars(ModelEvent)["from_instance"]


def _json_text(data: Any) -> str:
    try:
        return json.dumps(data, cls=DjangoJSONEncoder)
    except (TypeError, ValueError) as error:
        raise InvalidPayload(f"what the serializer made is no JSON: {error}") from error
