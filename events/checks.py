"""What can be wrong with the events of a project, found before the first one happens."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name for it

from events.conf import owner_model
from events.event import event_types


def check_event_types(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - the signature of a check
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Warn of event types that integrators could not understand."""
    return [
        Warning(
            f"The event type {event_type.name!r} has no description.",
            hint="Give the class a docstring that says when the event happens.",
            obj=event_type.event_class,
            id="webhook_events.W001",
        )
        for event_type in event_types
        if not event_type.description
    ]


def check_owner_model(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - the signature of a check
    **kwargs: Any,  # noqa: ARG001 - as above
) -> list[CheckMessage]:
    """Refuse an owner model that does not exist."""
    try:
        apps.get_model(owner_model())
    except (LookupError, ValueError) as error:
        return [
            Error(
                f"WEBHOOK_OWNER_MODEL is {owner_model()!r}, which is not a model: {error}",
                hint="Name an installed model as 'app_label.Model'.",
                id="webhook_events.E001",
            )
        ]
    return []
