"""`SignalEvent`: an event that publishes itself when a signal is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self, cast

from django.apps import apps
from django.db import models
from django.db.models.signals import ModelSignal, m2m_changed
from django.dispatch import Signal

from events.errors import InvalidEventClass, InvalidPayload
from events.event import Event, event_types
from events.publishing import Everyone, publish
from events.sources.attributes import read_value
from events.sources.owners import OwnerRule, checked_owner_rule, follow


@dataclass(frozen=True, kw_only=True)
class SignalSource:
    """A signal that is told of; `make` is the event class's `from_signal`."""

    signal: Signal
    sender: object
    owner: OwnerRule
    make: Callable[..., Event | None]

    def publish(self, sender: object, **sent: Any) -> None:
        """Publish what the signal tells, or nothing if there is no event in it, or no owner."""
        event = self.make(sender, **sent)
        owner = None if event is None else self._owner_of(sender, **sent)
        if event is not None and owner is not None:
            publish(event, owner=owner)

    def _owner_of(self, sender: object, **sent: Any) -> models.Model | Everyone | None:
        if isinstance(self.owner, Everyone):
            return self.owner
        if not isinstance(self.owner, str):
            return self.owner(sender, **sent)
        name, _, path = self.owner.partition(".")
        if name not in sent:
            raise TypeError(f"owner={self.owner!r} leads to no owner: {_what_is_sent(sent)}")
        owner: models.Model | None = follow(path, start=sent[name]) if path else sent[name]
        return owner


class SignalEvent(Event):
    """An event that publishes itself when a signal of Django's, or of anybody's, is sent.

    Subclassing declares a type of event, as with `Event`, and says of which signal:

        class SignedIn(SignalEvent, name="user.signed_in", signal=user_logged_in, owner="user"):
            '''Somebody signed in.'''

            user: Person

    `owner` is the name of what the signal sends the owner as, or a path of attributes that begins
    with such a name; a callable that is given the sender and all that is sent; or `EVERYONE`. Where
    it comes to None, nothing is published. `sender` limits the event to signals of this sender; a
    signal of models must have one.

    Each field is what the signal sends by its name. Override `from_signal` where that takes more.

    Raises `InvalidEventClass` at definition for what could not work later.
    """

    __signal_source__: ClassVar[SignalSource]

    def __init_subclass__(
        cls,
        *,
        name: str | None = None,
        signal: Signal | None = None,
        owner: OwnerRule | None = None,
        sender: object = None,
        **kwargs: Any,
    ) -> None:
        """Declare the event type and, with a name, listen to its signal."""
        where = f"{cls.__module__}.{cls.__qualname__}"
        if name is None:
            if signal or owner or sender:
                raise InvalidEventClass(
                    f"{where} has no name, so it is a base for others. Say of which signal it "
                    f"tells in the classes that have one."
                )
            super().__init_subclass__(**kwargs)
            return
        signal = _checked_signal(signal, where=where)
        source = SignalSource(
            signal=signal,
            sender=_checked_sender(sender, signal=signal, where=where),
            owner=checked_owner_rule(owner, where=where),
            make=cls.from_signal,
        )
        super().__init_subclass__(name=name, **kwargs)
        cls.__signal_source__ = source
        _listen(source)

    @classmethod
    def from_signal(cls, sender: object, **sent: Any) -> Self | None:  # noqa: ARG003 - may be asked for
        """Return the event that tells of a signal, or None if there is none to be told of.

        Raises `InvalidPayload` if the signal does not send what a field asks for.
        """
        values = {}
        for field in cls.__event_type__.fields.fields:
            if field.name in sent:
                values[field.name] = read_value(field.type, sent[field.name], (field.name,))
            elif field.is_required:
                raise InvalidPayload(_what_is_sent(sent), path=(field.name,))
        return cls(**values)


def _checked_signal(signal: object, *, where: str) -> Signal:
    if isinstance(signal, Signal):
        return signal
    raise InvalidEventClass(
        f"{where}: signal={signal!r} is not a signal. Pass an instance of django.dispatch.Signal."
    )


def _checked_sender(sender: object, *, signal: Signal, where: str) -> object:
    # The signals of models know their senders by name as well. Relations are hard to name, and none
    # is changed by an event.
    if not isinstance(signal, ModelSignal) or (sender is None and signal is m2m_changed):
        return sender
    if sender is None:
        raise InvalidEventClass(
            f"{where} does not say of which model it tells. The signal is sent of all of them, and "
            f"so of each event that is told: there would be no end. Pass sender=…, a model."
        )
    if not isinstance(sender, str):
        return sender
    try:
        return apps.get_model(sender)
    except (LookupError, ValueError) as error:
        raise InvalidEventClass(
            f"{where}: sender={sender!r} is not a model: {error} Name an installed model as "
            f"'app_label.Model'."
        ) from None


def _what_is_sent(sent: dict[str, Any]) -> str:
    return f"the signal does not send this. It sends {', '.join(sorted(sent)) or 'nothing'}."


def _listen(source: SignalSource) -> None:
    # One receiver for each signal and sender, however many events tell of them. Not for each signal
    # alone: Django deletes rows faster where nobody listens for their model.
    receiver = partial(_tell, source.sender)
    source.signal.connect(
        receiver,
        sender=cast("Any", source.sender),
        weak=False,
        dispatch_uid="events.sources.signal_event",
    )


def _tell(limit: object, /, *, sender: object, signal: Signal, **sent: Any) -> None:
    # Looked up now: an event type that was forgotten publishes nothing.
    for event_type in event_types:
        source = vars(event_type.event_class).get("__signal_source__")
        if isinstance(source, SignalSource) and source.signal is signal and source.sender is limit:
            source.publish(sender, **sent)
