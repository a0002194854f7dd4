"""The settings of the example project: Hookline's, and one app more."""

from api.settings import *  # noqa: F403 - a settings module of its own, based on another

INSTALLED_APPS = [*INSTALLED_APPS, "examples.bookshop"]  # noqa: F405 - from the star above
