"""The settings of this layer."""

from django.conf import settings


def owner_model() -> str:
    """Return the model whose rows own webhooks and events, as `app_label.Model`.

    `WEBHOOK_OWNER_MODEL` in the settings; the user model when unset. Like `AUTH_USER_MODEL`, it
    must be chosen before the first migration.
    """
    chosen: str = getattr(settings, "WEBHOOK_OWNER_MODEL", settings.AUTH_USER_MODEL)
    return chosen
