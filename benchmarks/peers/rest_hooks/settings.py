"""Settings of django-rest-hooks."""

from benchmarks.peers.settings import *  # noqa: F403 - a settings module based on another

INSTALLED_APPS += ["rest_hooks"]  # noqa: F405 - as above
HOOK_EVENTS = {"item.made": "shop.Item.created+"}
