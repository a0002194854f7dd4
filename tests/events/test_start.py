"""At start: event classes are found, and what is wrong with them is said."""

import subprocess
import sys

import pytest
from django.core import checks
from pytest_django import Settings

from events import Event
from events.checks import check_event_types, check_owner_model
from events.event import event_types

LIST_EVENT_TYPES = """
import django
django.setup()
from events.event import event_types
print(*event_types.names())
"""


def test_w3_the_webhooks_module_of_every_app_is_imported_at_start(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")

    # In a process of its own: in this one, a test may have imported the module.
    started = subprocess.run(
        [sys.executable, "-c", LIST_EVENT_TYPES],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert {"ping", "book.added", "order.paid"} <= set(started.stdout.split())


def test_the_checks_run_with_djangos_own() -> None:
    assert {check_event_types, check_owner_model} <= set(checks.registry.registry.get_checks())


def test_every_event_type_of_the_package_and_the_bookshop_is_described() -> None:
    assert check_event_types(None) == []


def test_an_event_type_without_a_description_is_a_warning() -> None:
    with event_types.scratch():

        class Silent(Event, name="test.silent"):
            note: str

        [warning] = check_event_types(None)

    assert isinstance(warning, checks.Warning)
    assert warning.id == "webhook_events.W001"
    assert "'test.silent'" in warning.msg
    assert warning.hint is not None
    assert "docstring" in warning.hint
    assert warning.obj is Silent


@pytest.mark.parametrize("named", ["auth.Nobody", "nowhere.User", "User", "a.b.c"])
def test_an_owner_model_that_does_not_exist_is_an_error(settings: Settings, named: str) -> None:
    settings.WEBHOOK_OWNER_MODEL = named

    [error] = check_owner_model(None)

    assert isinstance(error, checks.Error)
    assert error.id == "webhook_events.E001"
    assert repr(named) in error.msg
    assert error.hint == "Name an installed model as 'app_label.Model'."


def test_the_owner_model_is_the_user_model_unless_it_is_set(settings: Settings) -> None:
    del settings.WEBHOOK_OWNER_MODEL
    settings.AUTH_USER_MODEL = "auth.Nobody"

    [error] = check_owner_model(None)

    assert "'auth.Nobody'" in error.msg


def test_an_owner_model_that_exists_is_no_error(settings: Settings) -> None:
    settings.WEBHOOK_OWNER_MODEL = "auth.Group"

    assert check_owner_model(None) == []
