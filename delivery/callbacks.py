"""Callbacks: functions of the project's own that are told of each attempt, chosen per webhook."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from delivery.errors import ErrorCode, Mistake
from delivery.http.outcomes import Outcome
from delivery.models import Attempt, Delivery, Webhook
from delivery.registration import description_of
from events.models import EventRecord
from events.registry import Registry

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryAttempted:
    """What became of one attempt, as callbacks and receivers of signals are told it.

    `body` is what was sent, and `status` how the delivery stands after the attempt. `webhook` is as
    it was when the attempt began. The attempt that stands for a delivery whose sending was broken
    off too often has the outcome `Interrupted`, and an empty `body`.
    """

    webhook: Webhook
    event: EventRecord
    attempt: Attempt
    outcome: Outcome
    body: bytes = field(repr=False)
    status: Delivery.Status

    @property
    def delivery_id(self) -> str:
        """The public ID of the delivery, as sent in the `webhook-id` header."""
        return Delivery(pk=self.attempt.delivery_id).public_id


CallbackFunction: TypeAlias = Callable[[DeliveryAttempted], None]


@dataclass(frozen=True, kw_only=True)
class DeliveryCallback:
    """A registered callback."""

    name: str
    description: str
    function: CallbackFunction


delivery_callbacks: Registry[DeliveryCallback] = Registry(noun="delivery callback")


def delivery_callback(name: str) -> Callable[[CallbackFunction], CallbackFunction]:
    """Let webhooks choose a function by `name`, to be called after each of their attempts.

    It is called with a `DeliveryAttempted`. The first paragraph of its docstring becomes its
    description.

    Raises:
        TypeError: It is no function of one argument, is asynchronous, or lacks a docstring.
        ValueError: The name is not 1 to 100 letters, digits, `_`, `.` and `-`, or is taken.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot name a delivery callback. Begin with a letter, and go on with "
            "letters, digits, '_', '.' and '-', 100 in all at most."
        )

    def register(function: CallbackFunction) -> CallbackFunction:
        _check_function(name, function)
        chosen = DeliveryCallback(
            name=name, description=description_of(function), function=function
        )
        delivery_callbacks.register(name, chosen)
        return function

    return register


def _check_function(name: str, function: CallbackFunction) -> None:
    what = f"The delivery callback {name!r} ({function!r})"
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"{what} is asynchronous. Make it a plain function.")
    try:
        inspect.signature(function).bind(None)
    except TypeError as error:
        raise TypeError(
            f"{what} cannot be called with one argument ({error}). Define it as "
            "callback(attempted)."
        ) from None
    if not description_of(function):
        raise TypeError(f"{what} lacks a docstring. Say in it what the callback does.")


def callback_mistakes(name: str) -> Iterator[Mistake]:
    """Find what keeps a webhook from having the callback; an empty name stands for none."""
    if name and name not in delivery_callbacks:
        message = f"There is no delivery callback {name!r:.110}."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=("callback",))
