"""The Django app of this layer."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules

from events.checks import check_event_types, check_owner_model


class EventsConfig(AppConfig):
    """Finds every app's event classes and checks them."""

    name = "events"
    label = "webhook_events"
    verbose_name = "Webhook events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the `webhooks` module of every installed app, as the admin does `admin`."""
        autodiscover_modules("webhooks")
        # Of models, which are there only now; and after events that tell of an owner's deletion.
        import_module("events.receivers").listen()
        checks.register(check_event_types)
        checks.register(check_owner_model)
