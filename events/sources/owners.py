"""Whose event it is, as a source declares it: a path of attributes, a callable, or everyone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from django.core.exceptions import ObjectDoesNotExist

from events.errors import InvalidEventClass
from events.publishing import EVERYONE

if TYPE_CHECKING:
    from django.db import models

    from events.publishing import Everyone

OwnerRule: TypeAlias = "str | Everyone | Callable[..., models.Model | Everyone | None]"


def checked_owner_rule(rule: OwnerRule | None, *, where: str) -> OwnerRule:
    """Return the rule, or raise `InvalidEventClass` for one that no owner can be found by."""
    if isinstance(rule, str):
        if not all(part.isidentifier() for part in rule.split(".")):
            raise InvalidEventClass(
                f"{where}: owner={rule!r} is not a path of attributes, such as 'owner' or "
                f"'order.owner'."
            )
    elif rule is not EVERYONE and not callable(rule):
        raise InvalidEventClass(
            f"{where} does not say whose event it is: owner={rule!r}. Pass owner='owner', a path "
            f"of attributes that leads to the owner; a callable that returns the owner; or "
            f"owner=EVERYONE, of events.publishing, to tell the webhooks of all owners."
        )
    return rule


def follow(path: str, *, start: object) -> Any:
    """Return what a path of attributes leads to, None if a relation on the way is empty.

    Raises `TypeError` if there is no such attribute.
    """
    found = start
    for name in path.split("."):
        if found is None:
            return None
        try:
            found = attribute(found, name)
        except AttributeError as error:
            raise TypeError(
                f"owner={path!r} leads to no owner: {type(found).__name__} has no attribute "
                f"{name!r}."
            ) from error
    return found


def attribute(of: object, name: str) -> Any:
    """Return an attribute, None for a relation that is empty."""
    try:
        return getattr(of, name)
    except ObjectDoesNotExist as error:
        # What a descriptor of Django says of an empty relation; any other is a fault of a property.
        if isinstance(error, AttributeError):
            return None
        raise
