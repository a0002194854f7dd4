"""Whom a request without a token acts for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.http import HttpRequest
from django.utils.module_loading import import_string

from events.conf import owner_model

RequestOwner: TypeAlias = Callable[[HttpRequest], models.Model | None]


def signed_in_user(request: HttpRequest) -> models.Model | None:
    """Return the user of the session, the default owner of a request."""
    return request.user if request.user.is_authenticated else None


def request_owner_finder() -> RequestOwner:
    """Return what finds the owner of a request: the callable that `WEBHOOK_REQUEST_OWNER` names.

    It is given the request and returns a row of the owner model, or None for a caller whom it does
    not know. `signed_in_user` when unset. Raises `ImportError` if there is no such name, and
    `TypeError` if it cannot be called.
    """
    path: str | None = getattr(settings, "WEBHOOK_REQUEST_OWNER", None)
    if path is None:
        return signed_in_user
    finder: RequestOwner = import_string(path)
    if not callable(finder):
        raise TypeError(f"{path} is {finder!r}, which cannot be called with a request.")
    return finder


def owner_of_request(request: HttpRequest) -> models.Model | None:
    """Return whom a request without a token acts for, or None for nobody.

    Raises `ImproperlyConfigured` if what was found is not a row of the owner model.
    """
    owner = request_owner_finder()(request)
    if owner is not None and not isinstance(owner, apps.get_model(owner_model())):
        raise ImproperlyConfigured(
            f"The owner of a request was {owner!r:.80}, which is not a {owner_model()}. "
            "Set WEBHOOK_REQUEST_OWNER to a callable that finds one, or WEBHOOK_OWNER_MODEL to "
            "the model it finds."
        )
    return owner
