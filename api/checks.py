"""What can be unsafe or wrong in the settings, found before the first request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name for it
from django.core.exceptions import ImproperlyConfigured

from api.owners import request_owner_finder
from api.rates import write_rate
from api.reach_checks import REACH_CHECKS
from api.surroundings import lets_in_this_host_only, serves_several_hosts, uses_other_hosts
from delivery.checks import check_delivery_settings
from delivery.conf import delivery_settings
from delivery.sealing import MAKE_A_KEY
from events.conf import owner_model

_SHORTEST_KEY = 50
_FEWEST_CHARACTERS = 5


def check_settings(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - the signature of a check
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Refuse settings that are unsafe where others can reach them, or cannot work at all."""
    return [message for check in (*_CHECKS, *REACH_CHECKS) for message in check()]


def refuse_unsafe_settings() -> None:
    """Raise `ImproperlyConfigured` with all that is unsafe or wrong in the settings.

    For web servers, which do not run Django's system checks as commands do.
    """
    messages = [*check_settings(None), *check_delivery_settings(None)]
    errors = [message for message in messages if message.is_serious()]
    if errors:
        raise ImproperlyConfigured("\n".join(map(str, errors)))


def _check_shared_key() -> Iterator[CheckMessage]:
    # Each host would make a key of its own, and refuse the sessions that another began.
    if getattr(settings, "SECRET_KEY_IS_LOCAL", False) and serves_several_hosts():
        yield Error(
            "SECRET_KEY is not set, though the database or the broker is shared with other hosts.",
            hint="Set SECRET_KEY in the environment, to the same text on every host.",
            id="webhook_api.E001",
        )


def _check_strong_key() -> Iterator[CheckMessage]:
    key: str = settings.SECRET_KEY
    is_strong = len(key) >= _SHORTEST_KEY and len(set(key)) >= _FEWEST_CHARACTERS
    if is_strong and not key.startswith("django-insecure-"):
        return
    problem = "SECRET_KEY can be guessed."
    hint = (
        f"Set it to a random text of {_SHORTEST_KEY} characters or more: "
        "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
    )
    # What `startproject` writes must do for a first look.
    if settings.DEBUG and lets_in_this_host_only() and not serves_several_hosts():
        yield Warning(problem, hint=hint, id="webhook_api.W003")
    else:
        yield Error(problem, hint=hint, id="webhook_api.E002")


def _check_encryption_keys() -> Iterator[CheckMessage]:
    if not delivery_settings().encryption_keys and serves_several_hosts():
        yield Error(
            "WEBHOOK_ENCRYPTION_KEYS is not set: secrets would be lost with SECRET_KEY, and with a "
            "copy of it be read by others.",
            hint=f"Set it, to the same on every host, to a key made by: {MAKE_A_KEY}",
            id="webhook_api.E010",
        )


def _check_hosts() -> Iterator[CheckMessage]:
    if settings.DEBUG and not lets_in_this_host_only():
        yield Error(
            "DEBUG is on, though ALLOWED_HOSTS lets others in: its error pages show settings.",
            hint="Turn DEBUG off, or allow this host only.",
            id="webhook_api.E003",
        )
    elif settings.DEBUG and uses_other_hosts():
        yield Error(
            "DEBUG is on, though the database or the broker is on another host: its error pages "
            "show settings.",
            hint="Turn DEBUG off, or use a database and a broker on this host.",
            id="webhook_api.E003",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS holds '*', so that a request can claim to be for any host.",
            hint="List the names under which this installation is reached.",
            id="webhook_api.E004",
        )


def _check_limits() -> Iterator[CheckMessage]:
    for name in ("ASGI_THREADS", "WEBHOOK_MAX_SENDERS", "WEBHOOK_MAX_WEBHOOKS"):
        number = getattr(settings, name, 1)
        if not isinstance(number, int) or number < 1:
            yield Error(
                f"{name} is {number!r}; nothing could be answered, sent or made.",
                hint="Set it to a whole number, 1 or more.",
                id="webhook_api.E008",
            )


def _check_write_rate() -> Iterator[CheckMessage]:
    try:
        write_rate()
    except (TypeError, ValueError) as error:
        yield Error(
            f"WEBHOOK_WRITE_RATE cannot be used: {error}.",
            hint="Write it like 600/minute, or leave it empty for no limit.",
            id="webhook_api.E013",
        )


def _check_request_owner() -> Iterator[CheckMessage]:
    path = getattr(settings, "WEBHOOK_REQUEST_OWNER", None)
    try:
        request_owner_finder()
    except (ImportError, TypeError) as error:
        yield Error(
            f"WEBHOOK_REQUEST_OWNER is {path!r}, which cannot be used: {error}",
            hint="Name a callable as 'package.module.name'; it takes a request.",
            id="webhook_api.E006",
        )
    if path is None and owner_model().lower() != settings.AUTH_USER_MODEL.lower():
        yield Error(
            f"Webhooks belong to a {owner_model()}, which a signed-in user is not.",
            hint="Set WEBHOOK_REQUEST_OWNER to a callable that finds the owner of a request.",
            id="webhook_api.E007",
        )


_CHECKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    _check_shared_key,
    _check_strong_key,
    _check_encryption_keys,
    _check_hosts,
    _check_limits,
    _check_write_rate,
    _check_request_owner,
)
