"""The Django app of this layer."""

from importlib import import_module

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Listens for events and delivers them."""

    name = "delivery"
    label = "webhook_delivery"
    verbose_name = "Webhook deliveries"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Begin to listen; the receivers need models, which are there only now."""
        import_module("delivery.receivers")
