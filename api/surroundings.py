"""What the settings say of the hosts that this installation runs on, and is reached from."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

_THIS_HOST = frozenset({"localhost", ".localhost", "127.0.0.1", "[::1]", "::1"})


def lets_in_this_host_only() -> bool:
    """Tell whether the web server is reached from this host alone."""
    # Django takes an empty list for this host while DEBUG is on, and lets nobody in otherwise.
    return _THIS_HOST.issuperset(settings.ALLOWED_HOSTS)


def serves_several_hosts() -> bool:
    """Tell whether the database or the broker can be shared with other hosts."""
    engine: str = settings.DATABASES["default"]["ENGINE"]
    return not engine.endswith("sqlite3") or bool(getattr(settings, "REDIS_URL", None))


def uses_other_hosts() -> bool:
    """Tell whether the database or the broker is on another host."""
    redis_url: str = getattr(settings, "REDIS_URL", None) or ""
    names = (settings.DATABASES["default"].get("HOST"), urlsplit(redis_url).hostname)
    # A name that begins with a slash is the folder of a socket.
    return any(name and name[0] != "/" and name not in _THIS_HOST for name in names)
