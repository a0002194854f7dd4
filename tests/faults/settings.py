"""Settings of processes that publish and deliver, without the API: they start in half the time."""

from api.settings import *  # noqa: F403 - a settings module based on another

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "events",
    "delivery",
    "tests.faults",
]
ROOT_URLCONF = "tests.faults.urls"
