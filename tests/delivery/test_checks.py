"""Settings of this layer that cannot work are told before the first delivery."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from api.checks import refuse_unsafe_settings
from delivery.checks import check_delivery_settings
from delivery.conf import delivery_settings

KEY = "Zm9yIHRlc3RzIG9ubHksIGFuZCB0aGlydHktdHdvISE="
ERRORS = [
    ("WEBHOOK_FINDER", "no.such.module", "webhook_delivery.E001"),
    ("WEBHOOK_FINDER", "delivery.conf.no_such_name", "webhook_delivery.E001"),
    ("WEBHOOK_FINDER", "delivery.checks._URI_REFERENCE", "webhook_delivery.E001"),
    ("WEBHOOK_FINDER", "", "webhook_delivery.E001"),
    ("WEBHOOK_FINDER", 5, "webhook_delivery.E001"),
    ("WEBHOOK_TRANSPORT", "nodots", "webhook_delivery.E002"),
    ("WEBHOOK_TRANSPORT", "delivery.actors.broker", "webhook_delivery.E002"),
    ("WEBHOOK_EVENT_SOURCE", "", "webhook_delivery.E003"),
    ("WEBHOOK_EVENT_SOURCE", "our shop", "webhook_delivery.E003"),
    ("WEBHOOK_EVENT_SOURCE", "urn:shop:%zz", "webhook_delivery.E003"),
    ("WEBHOOK_EVENT_SOURCE", "https://[shop", "webhook_delivery.E003"),
    ("WEBHOOK_EVENT_SOURCE", "urn:café", "webhook_delivery.E003"),
    ("WEBHOOK_EVENT_SOURCE", None, "webhook_delivery.E003"),
    ("WEBHOOK_RETENTION", timedelta(), "webhook_delivery.E004"),
    ("WEBHOOK_RETENTION", 84, "webhook_delivery.E004"),
    ("WEBHOOK_SUSPEND_AFTER", timedelta(days=-5), "webhook_delivery.E005"),
    ("WEBHOOK_SUSPEND_AFTER", "5d", "webhook_delivery.E005"),
    ("WEBHOOK_AUDIT_RETENTION", timedelta(), "webhook_delivery.E007"),
    ("WEBHOOK_AUDIT_RETENTION", "52w", "webhook_delivery.E007"),
]


def test_the_check_runs_with_djangos_own() -> None:
    assert {check_delivery_settings} <= set(checks.registry.registry.get_checks())


def test_the_settings_as_they_are_pass() -> None:
    assert check_delivery_settings(None) == []


@pytest.mark.parametrize(("name", "value", "expected"), ERRORS)
def test_a_setting_that_cannot_work_is_refused_by_name_with_a_hint(
    settings: Settings, name: str, value: Any, expected: str
) -> None:
    setattr(settings, name, value)

    [error] = check_delivery_settings(None)

    assert isinstance(error, checks.Error)
    assert error.id == expected
    assert f"{name} is {value!r}" in error.msg
    assert error.hint


@pytest.mark.parametrize("keys", [["short"], ["é" * 44], [None], [KEY, KEY[:-2]], "secret"])
def test_what_is_no_encryption_key_is_refused_without_showing_it(
    settings: Settings, keys: Any
) -> None:
    settings.WEBHOOK_ENCRYPTION_KEYS = keys

    [error] = check_delivery_settings(None)

    assert error.id == "webhook_delivery.E006"
    assert error.hint
    shown = [keys] if isinstance(keys, str) else keys
    assert not [key for key in shown if str(key) in error.msg]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_FINDER", "delivery.conf.delivery_settings"),
        ("WEBHOOK_TRANSPORT", "delivery.http.transport.Transport"),
        ("WEBHOOK_ENCRYPTION_KEYS", []),
        ("WEBHOOK_ENCRYPTION_KEYS", None),
        ("WEBHOOK_ENCRYPTION_KEYS", KEY),
        ("WEBHOOK_ENCRYPTION_KEYS", [KEY, KEY]),
        ("WEBHOOK_EVENT_SOURCE", "/shops/1?in=Bj%C3%B6rk%20street#2"),
        ("WEBHOOK_RETENTION", timedelta(seconds=1)),
        ("WEBHOOK_SUSPEND_AFTER", timedelta(days=400)),
        ("WEBHOOK_AUDIT_RETENTION", timedelta(weeks=520)),
    ],
)
def test_a_setting_that_works_passes(settings: Settings, name: str, value: Any) -> None:
    setattr(settings, name, value)

    assert check_delivery_settings(None) == []


def test_web_servers_are_refused_it_as_commands_are(settings: Settings) -> None:
    settings.WEBHOOK_TRANSPORT = "nodots"

    with pytest.raises(ImproperlyConfigured, match=r"webhook_delivery\.E002"):
        refuse_unsafe_settings()


def test_what_is_not_set_has_the_documented_defaults(settings: Settings) -> None:
    for name in {name for name, *_ in ERRORS}:
        delattr(settings, name)

    options = delivery_settings()

    assert options.webhook_finder is None
    assert options.transport is None
    assert options.event_source == "urn:hookline"
    assert options.retention == timedelta(weeks=12)
    assert options.audit_retention == timedelta(weeks=52)
    assert options.suspend_after == timedelta(days=5)
