"""The Django app of this layer."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks

from delivery.checks import check_delivery_settings


class DeliveryConfig(AppConfig):
    """Listens for events and delivers them."""

    name = "delivery"
    label = "webhook_delivery"
    verbose_name = "Webhook deliveries"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Begin to listen; the receivers need models, which are there only now."""
        import_module("delivery.receivers")
        checks.register(check_delivery_settings)
