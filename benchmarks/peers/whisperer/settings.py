"""Settings of dj-whisperer."""

import os

from benchmarks.peers.settings import *  # noqa: F403 - a settings module based on another

INSTALLED_APPS += ["rest_framework", "django_filters", "whisperer"]  # noqa: F405 - as above
# Its tasks take a lock in the cache, which is to be in Redis.
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": f"{os.environ['REDIS_URL']}/1",
    }
}
