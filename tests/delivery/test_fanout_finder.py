"""The webhook finder: a project decides who else is not told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models
from django.test import override_settings

from delivery import actors
from delivery.models import Delivery, Webhook
from delivery.webhook_states import pause_webhook
from events.models import EventRecord
from events.publishing import EVERYONE, publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import LONG_AGO, deliver, subscribe

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:4/{}"
ASKED: list[tuple[str, Any]] = []


def find_active(webhooks: models.QuerySet[Webhook], event: EventRecord) -> models.QuerySet[Webhook]:
    """Narrow down as a project would that has a flag of its own."""
    ASKED.append((event.event_type, json.loads(event.payload)["message"]))
    return webhooks.filter(description="active")


def find_everybody(
    webhooks: models.QuerySet[Webhook],  # noqa: ARG001 - not used, on purpose
    event: EventRecord,  # noqa: ARG001 - as above
) -> models.QuerySet[Webhook]:
    return Webhook.objects.all()


def find_with_mistakes(webhooks: models.QuerySet[Webhook], event: EventRecord) -> Any:
    message = json.loads(event.payload)["message"]
    if message == "raise":
        raise ZeroDivisionError("A mistake of the project's.")
    if message == "ask the database for nonsense":
        return webhooks.extra(where=["no_such_column = 1"])
    if message == "return something else":
        return [webhooks.first()]
    return webhooks


def find_union(webhooks: models.QuerySet[Webhook], event: EventRecord) -> Any:  # noqa: ARG001 - the signature of a finder
    return webhooks.filter(description="a").union(webhooks.filter(description="b"))


def find_difference(webhooks: models.QuerySet[Webhook], event: EventRecord) -> Any:  # noqa: ARG001 - as above
    return webhooks.difference(webhooks.filter(description="c"))


def find_names(webhooks: models.QuerySet[Webhook], event: EventRecord) -> Any:  # noqa: ARG001 - as above
    return webhooks.exclude(description="c").values("name")


def find_first_two(webhooks: models.QuerySet[Webhook], event: EventRecord) -> Any:  # noqa: ARG001 - as above
    return webhooks.order_by("description")[:2]


def find_counted(webhooks: models.QuerySet[Webhook], event: EventRecord) -> Any:  # noqa: ARG001 - as above
    counted = webhooks.annotate(count=models.Count("event_subscriptions"))
    return counted.filter(count__gt=0).exclude(description="c").distinct()


@pytest.fixture(autouse=True)
def nobody_asked() -> Iterator[None]:
    ASKED.clear()
    yield
    ASKED.clear()


def using(name: str) -> override_settings:
    return override_settings(WEBHOOK_FINDER=f"{__name__}.{name}")


def told() -> set[Webhook]:
    return {delivery.webhook for delivery in Delivery.objects.select_related("webhook")}


def messages() -> list[str]:
    rows = Delivery.objects.order_by("pk").select_related("event")
    return [json.loads(row.event.payload)["message"] for row in rows]


@using("find_active")
def test_r21_a_webhook_that_the_finder_leaves_out_is_sent_nothing(
    owner: models.Model, receiver: Receiver
) -> None:
    subscribe(owner, receiver.url("/active"), description="active")
    subscribe(owner, receiver.url("/inactive"), description="inactive")

    publish(Ping(message="hello"), owner=owner)
    deliver()

    assert len(receiver.requests("/active")) == 1
    assert receiver.requests("/inactive") == []
    assert ASKED == [("ping", "hello")]


@using("find_active")
def test_r21_the_finder_is_told_of_each_event(owner: models.Model) -> None:
    subscribe(owner, URL.format(1), description="active")
    for message in "abc":
        publish(Ping(message=message), owner=owner)

    actors.fan_out()

    assert ASKED == [("ping", "a"), ("ping", "b"), ("ping", "c")]
    assert messages() == ["a", "b", "c"]


@using("find_everybody")
def test_a_finder_that_returns_more_does_not_send_more(
    owner: models.Model, other_owner: models.Model
) -> None:
    mine = subscribe(owner, URL.format("mine"))
    subscribe(owner, URL.format("book"), "book.added")
    subscribe(other_owner, URL.format("theirs"))
    paused = subscribe(owner, URL.format("paused"))
    pause_webhook(owner=owner, webhook_id=paused.pk, now=LONG_AGO)

    publish(Ping(), owner=owner)
    actors.fan_out()

    assert told() == {mine}


@pytest.mark.parametrize(
    "name", ["union", "difference", "names", "first_two", "counted"], ids="find_{}".format
)
def test_a_queryset_of_any_kind_will_do(owner: models.Model, name: str) -> None:
    wanted = {subscribe(owner, URL.format(each), description=each) for each in "ab"}
    subscribe(owner, URL.format("c"), description="c")

    publish(Ping(), owner=owner)
    with using(f"find_{name}"):
        actors.fan_out()

    assert told() == wanted


@using("find_active")
def test_an_event_for_everyone_is_narrowed_down_among_all_owners(
    owner: models.Model, other_owner: models.Model
) -> None:
    active = {
        subscribe(each, URL.format("active"), description="active") for each in (owner, other_owner)
    }
    subscribe(owner, URL.format("inactive"))

    publish(Ping(), owner=EVERYONE)
    actors.fan_out()

    assert told() == active


@pytest.mark.parametrize(
    ("mistake", "logged"),
    [
        ("raise", "ZeroDivisionError: A mistake of the project's."),
        ("ask the database for nonsense", "no_such_column"),
        ("return something else", "It must return a queryset of webhooks"),
    ],
)
@using("find_with_mistakes")
def test_an_event_that_the_finder_fails_on_waits_and_holds_up_no_other(
    owner: models.Model, caplog: pytest.LogCaptureFixture, mistake: str, logged: str
) -> None:
    subscribe(owner, URL.format(1))
    kept = publish(Ping(message=mistake), owner=owner)
    for number in range(3):
        publish(Ping(message=f"fine {number}"), owner=owner)

    actors.fan_out()

    assert messages() == ["fine 0", "fine 1", "fine 2"]
    assert list(EventRecord.objects.waiting_for_fan_out()) == [kept]
    assert f"The webhook finder failed on {kept.public_id}." in caplog.text
    assert logged in caplog.text


def test_an_event_that_the_finder_failed_on_is_sent_once_it_is_mended(owner: models.Model) -> None:
    subscribe(owner, URL.format(1))
    publish(Ping(message="raise"), owner=owner)
    publish(Ping(message="fine"), owner=owner)
    with using("find_with_mistakes"):
        actors.fan_out()
        actors.fan_out()

    with using("find_everybody"):
        actors.fan_out()

    assert sorted(messages()) == ["fine", "raise"]
    assert not EventRecord.objects.waiting_for_fan_out().exists()


@using("no_such_finder")
def test_a_finder_that_is_not_there_costs_no_event(
    owner: models.Model, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe(owner, URL.format(1))
    record = publish(Ping(), owner=owner)

    actors.fan_out()

    assert list(EventRecord.objects.waiting_for_fan_out()) == [record]
    assert "no_such_finder" in caplog.text
