"""The Django app of this layer."""

from django.apps import AppConfig
from django.core import checks

from api.checks import check_settings


class ApiConfig(AppConfig):
    """The doors for people and clients."""

    name = "api"
    label = "webhook_api"
    verbose_name = "Webhook API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the settings checked."""
        checks.register(check_settings)
