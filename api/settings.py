"""Django's settings, read from the environment; `docs/settings.md` explains each of them.

With nothing set, everything runs embedded: SQLite, an in-memory broker, this host only.
"""

import logging
from datetime import timedelta
from pathlib import Path

import dj_database_url
from environs import Env

from api.environment import check_redis_url, prepare_data_dir, read_span
from api.keyfile import read_or_create_key

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("HOOKLINE_DATA_DIR", str(BASE_DIR / ".hookline")))

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], subcast=str.strip)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [], subcast=str.strip)

SECRET_KEY = env.str("SECRET_KEY", "")
DATABASE_URL = env.str("DATABASE_URL", "")
if not (SECRET_KEY and DATABASE_URL):
    prepare_data_dir(DATA_DIR)

# A key of this host's own keeps an embedded installation safe; `api.checks` refuses it where
# several hosts must share one.
SECRET_KEY_IS_LOCAL = not SECRET_KEY
SECRET_KEY = SECRET_KEY or read_or_create_key(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [], subcast=str.strip)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "events",
    "delivery",
    "api",
    "strawberry_django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "api.urls"
ASGI_APPLICATION = "api.asgi.application"
WSGI_APPLICATION = "api.wsgi.application"

DATABASE_URL = DATABASE_URL or f"sqlite:///{DATA_DIR / 'hookline.sqlite3'}"
DATABASES = {
    "default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,  # Seconds that a writer waits for another.
        # A transaction that will write takes the lock at its start; one that took it later could
        # not wait for it.
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;",
    }
else:
    # Values beside the statement rather than quoted into it: a third of a delivery's work less.
    DATABASES["default"].setdefault("OPTIONS", {})["server_side_binding"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ASGI_THREADS = env.int("ASGI_THREADS", 8)

REDIS_URL = env.str("REDIS_URL", "", validate=check_redis_url) or None

USE_TZ = True
TIME_ZONE = "UTC"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
# Behind a proxy that ends TLS; only a proxy that always sets or removes this header may be trusted.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https")
    if env.bool("TRUST_FORWARDED_PROTO", default=False)
    else None
)

WEBHOOK_OWNER_MODEL = env.str("WEBHOOK_OWNER_MODEL", "auth.User")
WEBHOOK_REQUEST_OWNER = env.str("WEBHOOK_REQUEST_OWNER", "") or None
WEBHOOK_ALLOW_HTTP = env.bool("WEBHOOK_ALLOW_HTTP", default=False)
WEBHOOK_ALLOWED_NETWORKS: list[str] = env.list("WEBHOOK_ALLOWED_NETWORKS", [], subcast=str.strip)
WEBHOOK_ALLOWED_HOSTS: list[str] = env.list("WEBHOOK_ALLOWED_HOSTS", [], subcast=str.strip)
WEBHOOK_ALLOWED_PORTS: list[int] = env.list("WEBHOOK_ALLOWED_PORTS", [], subcast=int)
WEBHOOK_CA_FILE = env.str("WEBHOOK_CA_FILE", "") or None
WEBHOOK_MAX_SENDERS = env.int("WEBHOOK_MAX_SENDERS", 128)
WEBHOOK_MAX_WEBHOOKS = env.int("WEBHOOK_MAX_WEBHOOKS", 1_000)
WEBHOOK_WRITE_RATE = env.str("WEBHOOK_WRITE_RATE", "600/minute")
WEBHOOK_FINDER = env.str("WEBHOOK_FINDER", "") or None
WEBHOOK_TRANSPORT = env.str("WEBHOOK_TRANSPORT", "") or None
WEBHOOK_EVENT_SOURCE = env.str("WEBHOOK_EVENT_SOURCE", "urn:hookline")
WEBHOOK_ENCRYPTION_KEYS: list[str] = env.list("WEBHOOK_ENCRYPTION_KEYS", [], subcast=str.strip)
WEBHOOK_RETENTION = read_span(env, "WEBHOOK_RETENTION", timedelta(weeks=12))
WEBHOOK_AUDIT_RETENTION = read_span(env, "WEBHOOK_AUDIT_RETENTION", timedelta(weeks=52))
WEBHOOK_SUSPEND_AFTER = read_span(env, "WEBHOOK_SUSPEND_AFTER", timedelta(days=5))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.log_level("LOG_LEVEL", logging.INFO)},
}
