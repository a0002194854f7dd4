"""Settings of django-webhook."""

from benchmarks.peers.settings import *  # noqa: F403 - a settings module based on another

INSTALLED_APPS += ["django_webhook"]  # noqa: F405 - as above
DJANGO_WEBHOOK = {"MODELS": ["shop.Item"]}
