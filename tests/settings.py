"""The settings of the tests: the bookshop's, with loopback allowed as the demo allows it."""

import os
import tempfile
from pathlib import Path

from examples.bookshop.settings import *  # noqa: F403 - a settings module based on another

SECRET_KEY = "for tests only, and long enough to satisfy every check there is"
SECRET_KEY_IS_LOCAL = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
WEBHOOK_ENCRYPTION_KEYS = ["Zm9yIHRlc3RzIG9ubHksIGFuZCB0aGlydHktdHdvISE="]
# Many tests write under one owner, one after the other; those about the limit set one.
WEBHOOK_WRITE_RATE = ""
WEBHOOK_ALLOW_HTTP = True
WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405 - from the star above
    # A file, as in real life: the threads of one process share a database in memory in a way of
    # its own.
    file = Path(tempfile.gettempdir()) / f"hookline-tests-{os.getpid()}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": file}  # noqa: F405 - as above
