"""What `api.settings` reads from the environment, seen from a program's start."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.services.programs import Program

_SHOW = "from django.conf import settings; print(ascii([getattr(settings, {name!r})]))"


def start(*arguments: str, folder: Path, **env: str) -> Program:
    embedded = {
        "DJANGO_SETTINGS_MODULE": "api.settings",
        "HOOKLINE_DATA_DIR": str(folder / "data"),
        "SECRET_KEY": "",
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    return Program(*arguments, env={**embedded, **env}, log=folder / "log")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ALLOWED_HOSTS", "a.com, b.com", ["a.com", "b.com"]),
        (
            "CSRF_TRUSTED_ORIGINS",
            " https://a.com ,https://b.com",
            ["https://a.com", "https://b.com"],
        ),
        ("SECRET_KEY_FALLBACKS", "one, two", ["one", "two"]),
        ("WEBHOOK_ALLOWED_NETWORKS", "10.1.0.0/16, fd00:1::/32", ["10.1.0.0/16", "fd00:1::/32"]),
        ("WEBHOOK_ALLOWED_NETWORKS", "", []),
        ("WEBHOOK_ALLOWED_HOSTS", "intranet, .a.internal", ["intranet", ".a.internal"]),
        ("WEBHOOK_ALLOWED_PORTS", "443, 8443", [443, 8443]),
    ],
)
def test_the_items_of_a_list_may_have_spaces_around(
    name: str, text: str, expected: list[str] | list[int], tmp_path: Path
) -> None:
    with start("-c", _SHOW.format(name=name), folder=tmp_path, **{name: text}) as program:
        assert program.wait_for_line(r"^\[").string == f"[{expected}]\n"


@pytest.mark.parametrize(
    ("name", "text", "days"),
    [
        ("WEBHOOK_RETENTION", "12w", 84),
        ("WEBHOOK_RETENTION", "36h", 1.5),
        ("WEBHOOK_AUDIT_RETENTION", "5d12h", 5.5),
    ],
)
def test_a_span_of_time_is_written_with_units(
    name: str, text: str, days: float, tmp_path: Path
) -> None:
    show = _SHOW.format(name=name)

    with start("-c", show, folder=tmp_path, **{name: text}) as program:
        assert program.wait_for_line(r"^\[").string == f"[{timedelta(days=days)!r}]\n"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("REDIS_URL", "redis://localhost:port/0", "Port"),
        ("WEBHOOK_MAX_SENDERS", "abc", "integer"),
        ("ASGI_THREADS", "many", "integer"),
        ("WEBHOOK_MAX_WEBHOOKS", "1e3", "integer"),
        ("WEBHOOK_ALLOW_HTTP", "perhaps", "boolean"),
        ("WEBHOOK_ALLOWED_PORTS", "443,https", "integer"),
        ("LOG_LEVEL", "loud", "log level"),
        ("WEBHOOK_RETENTION", "for ever", "period of time"),
        ("WEBHOOK_SUSPEND_AFTER", "5 days", "period of time"),
        ("WEBHOOK_RETENTION", "12", "unit"),
        ("WEBHOOK_SUSPEND_AFTER", " 432000 ", "unit"),
        ("WEBHOOK_AUDIT_RETENTION", "52", "unit"),
        ("HOOKLINE_DATA_DIR", f"{__file__}/data", "Not a directory"),
    ],
)
def test_the_last_line_names_the_variable_and_what_is_wrong(
    name: str, text: str, told: str, tmp_path: Path
) -> None:
    with start("manage.py", "worker", folder=tmp_path, **{name: text}) as program:
        program.wait_for_line(rf"\b{name}\b.*{told}")
        assert program.wait() == 1
    last = program.output.splitlines()[-1]
    assert name in last
    assert told in last


def test_the_folder_is_made_for_sqlite_when_the_key_is_given(tmp_path: Path) -> None:
    key = "for tests only, and long enough to satisfy every check there is"
    with start("manage.py", "migrate", folder=tmp_path, SECRET_KEY=key) as program:
        assert program.wait() == 0

    assert [path.name for path in tmp_path.joinpath("data").iterdir()] == ["hookline.sqlite3"]


@pytest.mark.parametrize("level", ["WARNING", "warning"])
def test_a_log_level_may_be_written_in_either_case(level: str, tmp_path: Path) -> None:
    code = "import django, logging; django.setup(); print(logging.getLogger().level)"
    with start("-c", code, folder=tmp_path, LOG_LEVEL=level) as program:
        program.wait_for_line("^30$")
