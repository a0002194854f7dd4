"""What can be wrong in the settings of this layer, found before the first delivery."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from delivery.conf import callable_at, delivery_settings
from delivery.sealing import MAKE_A_KEY, is_key

_URI_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")


def check_delivery_settings(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - the signature of a check
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Refuse settings with which deliveries could not be made, sent or kept."""
    options = delivery_settings()
    return [
        *_check_callable(
            "WEBHOOK_FINDER",
            options.webhook_finder,
            hint="Name a callable as 'package.module.name'; it takes webhooks and an event.",
            check_id="webhook_delivery.E001",
        ),
        *_check_callable(
            "WEBHOOK_TRANSPORT",
            options.transport,
            hint="Name a class as 'package.module.Name'; it is called without arguments.",
            check_id="webhook_delivery.E002",
        ),
        *_check_source(options.event_source),
        *_check_keys(options.encryption_keys),
        *_check_span("WEBHOOK_RETENTION", options.retention, check_id="webhook_delivery.E004"),
        *_check_span(
            "WEBHOOK_SUSPEND_AFTER", options.suspend_after, check_id="webhook_delivery.E005"
        ),
        *_check_span(
            "WEBHOOK_AUDIT_RETENTION", options.audit_retention, check_id="webhook_delivery.E007"
        ),
    ]


def _check_callable(
    name: str, path: str | None, *, hint: str, check_id: str
) -> Iterator[CheckMessage]:
    if path is None:
        return
    try:
        callable_at(path)
    except (AttributeError, ImportError, TypeError) as error:
        message = f"{name} is {path!r}, which cannot be used: {error}"
        yield Error(message, hint=hint, id=check_id)


def _check_source(source: object) -> Iterator[CheckMessage]:
    if not _is_uri_reference(source):
        yield Error(
            f"WEBHOOK_EVENT_SOURCE is {source!r}, which is no URI reference.",
            hint="Write it like urn:example:shop or https://shop.example.com.",
            id="webhook_delivery.E003",
        )


def _is_uri_reference(source: object) -> bool:
    if not isinstance(source, str) or not _URI_REFERENCE.fullmatch(source):
        return False
    try:
        urlsplit(source)
    except ValueError:
        return False
    return True


def _check_keys(keys: Sequence[object]) -> Iterator[CheckMessage]:
    for position, key in enumerate(keys, start=1):
        if not is_key(key):
            yield Error(
                # Not shown, since it may be a key with one letter too many.
                f"WEBHOOK_ENCRYPTION_KEYS holds something that is no key, at place {position}.",
                hint=f"Make one by: {MAKE_A_KEY}",
                id="webhook_delivery.E006",
            )


def _check_span(name: str, span: object, *, check_id: str) -> Iterator[CheckMessage]:
    if not isinstance(span, timedelta) or span <= timedelta():
        yield Error(
            f"{name} is {span!r}, which is no span of time.",
            hint="Set it to a positive timedelta; in the environment, to text such as 12w or 5d.",
            id=check_id,
        )
