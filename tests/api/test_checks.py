from __future__ import annotations

from pathlib import Path
from typing import Any

import certifi
import pytest
from django.core.checks import Error, run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from api.checks import refuse_unsafe_settings
from tests.services.programs import Program

# Some of Django's own checks look at the database.
pytestmark = pytest.mark.django_db


@pytest.fixture
def on_postgresql(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = "django.db.backends.postgresql"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    settings.WEBHOOK_ALLOW_HTTP = False


def found(settings: Settings, **values: Any) -> dict[str, str]:
    """Return the hints of what the checks find with these settings, by ID."""
    for name, value in values.items():
        setattr(settings, name, value)
    return {
        message.id: message.hint or ""
        for message in run_checks()
        if message.id and message.id.startswith("webhook_api.")
    }


def test_the_settings_as_they_are_pass(settings: Settings) -> None:
    assert found(settings) == {}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"SECRET_KEY": "short"}, "webhook_api.E002"),
        ({"SECRET_KEY": "abcd" * 20}, "webhook_api.E002"),
        ({"SECRET_KEY": "django-insecure-" + "abcdefgh" * 10}, "webhook_api.E002"),
        ({"DEBUG": True, "ALLOWED_HOSTS": ["hooks.example.com"]}, "webhook_api.E003"),
        ({"ALLOWED_HOSTS": ["*"]}, "webhook_api.E004"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["10.0.0.0/33"]}, "webhook_api.E005"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["10.0.0.1/8"]}, "webhook_api.E005"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["intranet"]}, "webhook_api.E005"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["0.0.0.0/0"]}, "webhook_api.E005"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["10.0.0.0/8", "::/0"]}, "webhook_api.E005"),
        ({"WEBHOOK_ALLOWED_NETWORKS": "10.0.0.0/8"}, "webhook_api.E005"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["*"]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["*.internal"]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["intranet", ""]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["."]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["10.0.0.1"]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["::1"]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["https://intranet"]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["intranet:8080"]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": [None]}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_HOSTS": "intranet"}, "webhook_api.E011"),
        ({"WEBHOOK_ALLOWED_PORTS": [0]}, "webhook_api.E012"),
        ({"WEBHOOK_ALLOWED_PORTS": [443, 65_536]}, "webhook_api.E012"),
        ({"WEBHOOK_ALLOWED_PORTS": ["443"]}, "webhook_api.E012"),
        ({"WEBHOOK_ALLOWED_PORTS": [True]}, "webhook_api.E012"),
        ({"WEBHOOK_ALLOWED_PORTS": 443}, "webhook_api.E012"),
        ({"WEBHOOK_ALLOW_HTTP": "0"}, "webhook_api.E014"),
        ({"WEBHOOK_REQUEST_OWNER": "no.such.module"}, "webhook_api.E006"),
        ({"WEBHOOK_REQUEST_OWNER": "api.owners.no_such_name"}, "webhook_api.E006"),
        ({"WEBHOOK_REQUEST_OWNER": "api.urls.urlpatterns"}, "webhook_api.E006"),
        ({"WEBHOOK_REQUEST_OWNER": "nodots"}, "webhook_api.E006"),
        ({"WEBHOOK_OWNER_MODEL": "auth.Group"}, "webhook_api.E007"),
        ({"WEBHOOK_MAX_SENDERS": 0}, "webhook_api.E008"),
        ({"ASGI_THREADS": 0}, "webhook_api.E008"),
        ({"ASGI_THREADS": "8"}, "webhook_api.E008"),
        ({"WEBHOOK_WRITE_RATE": "often"}, "webhook_api.E013"),
        ({"WEBHOOK_WRITE_RATE": "0/minute"}, "webhook_api.E013"),
        ({"WEBHOOK_WRITE_RATE": "600"}, "webhook_api.E013"),
        ({"WEBHOOK_WRITE_RATE": 600}, "webhook_api.E013"),
        ({"WEBHOOK_WRITE_RATE": "10/second; 600/minute"}, "webhook_api.E013"),
        ({"WEBHOOK_MAX_WEBHOOKS": -1}, "webhook_api.E008"),
        ({"WEBHOOK_CA_FILE": "/no/such/file.pem"}, "webhook_api.E009"),
        ({"WEBHOOK_CA_FILE": __file__}, "webhook_api.E009"),
        ({"WEBHOOK_CA_FILE": str(Path(__file__).parent)}, "webhook_api.E009"),
    ],
)
def test_unsafe_or_unusable_settings_are_refused_with_a_hint(
    settings: Settings, values: dict[str, Any], expected: str
) -> None:
    hints = found(settings, **values)

    assert list(hints) == [expected]
    assert hints[expected]


@pytest.mark.usefixtures("on_postgresql")
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"SECRET_KEY_IS_LOCAL": True}, "webhook_api.E001"),
        ({"WEBHOOK_ENCRYPTION_KEYS": []}, "webhook_api.E010"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["10.0.0.0/8"]}, "webhook_api.W001"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["127.0.0.0/8"]}, "webhook_api.W001"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["8.0.0.0/5"]}, "webhook_api.W001"),
        ({"WEBHOOK_ALLOWED_NETWORKS": ["100.64.0.0/10"]}, "webhook_api.W001"),
        ({"WEBHOOK_ALLOWED_HOSTS": ["intranet"]}, "webhook_api.W001"),
        ({"WEBHOOK_ALLOW_HTTP": True}, "webhook_api.W002"),
        ({"DEBUG": True}, "webhook_api.E003"),
    ],
)
def test_what_passes_embedded_is_told_of_with_a_database_for_several_hosts(
    settings: Settings, values: dict[str, Any], expected: str
) -> None:
    assert found(settings) == {}
    assert list(found(settings, **values)) == [expected]


def test_a_list_that_is_none_is_empty(settings: Settings) -> None:
    names = ("WEBHOOK_ALLOWED_NETWORKS", "WEBHOOK_ALLOWED_HOSTS", "WEBHOOK_ALLOWED_PORTS")

    assert found(settings, **dict.fromkeys(names)) == {}


def test_a_shared_broker_counts_as_several_hosts_on_sqlite_too(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"

    values = {"DEBUG": True, "SECRET_KEY_IS_LOCAL": True, "WEBHOOK_ENCRYPTION_KEYS": []}
    assert list(found(settings, **values)) == [
        "webhook_api.E001",
        "webhook_api.E010",
        "webhook_api.E003",
        "webhook_api.W001",
        "webhook_api.W002",
    ]


AS_STARTPROJECT_WRITES = {
    "SECRET_KEY": "django-insecure-" + "x7^e@k2(9d" * 5,
    "DEBUG": True,
    "ALLOWED_HOSTS": [],
}


def test_a_project_as_startproject_writes_it_is_warned_and_not_stopped(settings: Settings) -> None:
    assert list(found(settings, **AS_STARTPROJECT_WRITES)) == ["webhook_api.W003"]

    refuse_unsafe_settings()


@pytest.mark.parametrize(
    "values",
    [
        {"DEBUG": False},
        {"ALLOWED_HOSTS": ["hooks.example.com"]},
        {"REDIS_URL": "redis://127.0.0.1:1"},
    ],
)
def test_its_key_is_refused_as_soon_as_others_can_come(
    settings: Settings, values: dict[str, Any]
) -> None:
    assert "webhook_api.E002" in found(settings, **AS_STARTPROJECT_WRITES | values)

    with pytest.raises(ImproperlyConfigured, match=r"webhook_api\.E002"):
        refuse_unsafe_settings()


def test_a_file_of_authorities_passes(settings: Settings) -> None:
    assert found(settings, WEBHOOK_CA_FILE=certifi.where()) == {}


def test_a_file_of_authorities_that_is_none_is_told_by_name(settings: Settings) -> None:
    settings.WEBHOOK_CA_FILE = "/no/such/file.pem"

    [message] = [it for it in run_checks() if it.id == "webhook_api.E009"]

    assert "WEBHOOK_CA_FILE is '/no/such/file.pem'" in message.msg


@pytest.mark.parametrize(
    "values",
    [
        {"SECRET_KEY_IS_LOCAL": True},
        {"DEBUG": True, "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"]},
        {"DEBUG": True, "ALLOWED_HOSTS": []},
        {"WEBHOOK_REQUEST_OWNER": "api.owners.signed_in_user"},
        {"WEBHOOK_ALLOWED_NETWORKS": ["2001:db8::/32"]},
        {"WEBHOOK_ALLOWED_HOSTS": ["Intranet", ".example.internal", "my_service"]},
        {"WEBHOOK_ALLOWED_PORTS": [25, 443, 65_535]},
    ],
)
def test_what_is_safe_on_this_host_passes(settings: Settings, values: dict[str, Any]) -> None:
    assert found(settings, **values) == {}


def test_an_unsafe_setting_is_an_error_and_so_stops_commands(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    [message] = [it for it in run_checks() if it.id == "webhook_api.E004"]

    assert isinstance(message, Error)


@pytest.mark.parametrize("door", ["api.asgi", "api.wsgi"])
def test_web_servers_are_refused_unsafe_settings_as_commands_are(door: str, tmp_path: Path) -> None:
    env = {"HOOKLINE_DATA_DIR": str(tmp_path), "ALLOWED_HOSTS": "*", "DATABASE_URL": ""}
    with Program("-c", f"import {door}", env=env, log=tmp_path / "log") as server:
        server.wait_for_line("webhook_api.E004")
        assert server.wait() == 1


def test_a_network_that_is_none_is_told_by_the_first_command(tmp_path: Path) -> None:
    env = {
        "DJANGO_SETTINGS_MODULE": "api.settings",
        "HOOKLINE_DATA_DIR": str(tmp_path),
        "WEBHOOK_ALLOWED_NETWORKS": "intranet",
    }
    with Program("manage.py", "worker", env=env, log=tmp_path / "log") as worker:
        worker.wait_for_line("webhook_api.E005")
        assert worker.wait() == 1


@pytest.mark.parametrize(
    ("host", "redis_url", "is_refused"),
    [
        ("db.internal", None, True),
        ("127.0.0.1", "redis://redis.internal/0", True),
        ("localhost", "redis://127.0.0.1/0", False),
        ("/run/postgresql", None, False),
    ],
)
def test_debug_is_refused_with_a_database_or_a_broker_on_another_host(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    redis_url: str | None,
    is_refused: bool,
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", host)

    hints = found(settings, DEBUG=True, ALLOWED_HOSTS=["localhost"], REDIS_URL=redis_url)

    assert ("webhook_api.E003" in hints) is is_refused
