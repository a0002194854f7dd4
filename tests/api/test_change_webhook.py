from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import models

from delivery.models import Delivery, Webhook
from tests.api.client import GraphQL
from tests.api.mutations import (
    CANCEL,
    CREATE,
    PAUSE,
    RESUME,
    UPDATE,
    change,
    described,
    mistakes,
)
from tests.api.rows import make_delivery, record_ping
from tests.services.receiver import Receiver
from tests.work import deliver, later, make_owner, subscribe

URL = "https://example.com/hooks"
ALL = [(UPDATE, {"input": {"name": "Other"}}), (PAUSE, {}), (RESUME, {}), (CANCEL, {})]


def test_an_update_keeps_what_is_absent(graphql: GraphQL, owner: models.Model) -> None:
    wanted = described(key="k", description="d", retryPolicy={"fixed": {}}, timeoutSeconds=5)
    before = change(graphql, CREATE, user=owner, input=wanted)["webhook"]

    after = change(graphql, UPDATE, user=owner, id=before["id"], input={"name": "New"})["webhook"]

    assert after == before | {"name": "New", "version": 2}


def test_an_update_changes_whatever_is_given(graphql: GraphQL, owner: models.Model) -> None:
    webhook = subscribe(owner, URL)
    wanted = {
        "name": "New",
        "url": "https://example.com/new",
        "events": [{"eventType": "BOOK_ADDED"}],
        "description": "d",
        "key": "k",
        "retryPolicy": {"linear": {}},
        "maxInFlight": 1,
        "maxRequestsPerMinute": 60,
        "timeoutSeconds": 2,
        "expectedVersion": 1,
    }

    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input=wanted)

    changed = payload["webhook"]
    assert payload["userErrors"] == []
    assert changed["retryPolicy"]["name"] == "linear"
    assert changed["events"] == [{"eventType": {"name": "book.added"}}]
    plain = ("name", "url", "description", "key", "maxInFlight", "maxRequestsPerMinute")
    assert {name: changed[name] for name in plain} == {name: wanted[name] for name in plain}


def test_null_clears_the_key_and_the_pace_and_goes_back_to_the_default_policy(
    graphql: GraphQL, owner: models.Model
) -> None:
    wanted = described(key="k", retryPolicy={"fixed": {}}, maxRequestsPerMinute=60)
    created = change(graphql, CREATE, user=owner, input=wanted)["webhook"]
    cleared = {"key": None, "retryPolicy": None, "maxRequestsPerMinute": None}

    changed = change(graphql, UPDATE, user=owner, id=created["id"], input=cleared)["webhook"]

    assert (changed["key"], changed["retryPolicy"]["name"]) == (None, "schedule")
    assert changed["maxRequestsPerMinute"] is None


@pytest.mark.parametrize(
    "field", ["name", "url", "events", "maxInFlight", "timeoutSeconds", "expectedVersion"]
)
def test_null_is_refused_where_there_must_be_a_value(
    graphql: GraphQL, owner: models.Model, field: str
) -> None:
    webhook = subscribe(owner, URL)

    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input={field: None})

    assert mistakes(payload) == [("REQUIRED", f"input.{field}")]
    assert payload["webhook"]["version"] == 1


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"name": "\0"}, ("INVALID", "input.name")),
        ({"events": []}, ("REQUIRED", "input.events")),
        ({"url": "https://127.0.0.1.nip.io./\\"}, ("INVALID", "input.url")),
        ({"retryPolicy": {"fixed": {"delaySeconds": 0}}},
         ("OUT_OF_RANGE", "input.retryPolicy.fixed.delaySeconds")),
    ],
)  # fmt: skip
def test_w11_an_update_is_checked_as_a_new_webhook_is(
    graphql: GraphQL, owner: models.Model, wanted: dict[str, Any], expected: tuple[str, str]
) -> None:
    webhook = subscribe(owner, URL)

    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input=wanted)

    assert mistakes(payload) == [expected]
    assert payload["webhook"]["version"] == 1


def test_an_update_of_another_version_is_a_conflict_and_shows_what_there_is(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, URL)
    first, second = {"name": "A", "expectedVersion": 1}, {"name": "B", "expectedVersion": 1}
    change(graphql, UPDATE, user=owner, id=webhook.public_id, input=first)

    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input=second)

    assert mistakes(payload) == [("CONFLICT", "input.expectedVersion")]
    assert (payload["webhook"]["name"], payload["webhook"]["version"]) == ("A", 2)


def test_w25_an_update_that_would_make_a_duplicate_is_refused_as_taken(
    graphql: GraphQL, owner: models.Model
) -> None:
    subscribe(owner, URL)
    other = subscribe(owner, "https://example.com/2")

    payload = change(graphql, UPDATE, user=owner, id=other.public_id, input={"url": URL})

    assert mistakes(payload) == [("TAKEN", "")]
    assert payload["webhook"]["url"] == "https://example.com/2"


def test_a_webhook_is_paused_and_resumed(graphql: GraphQL, owner: models.Model) -> None:
    webhook = subscribe(owner, URL)

    paused = change(graphql, PAUSE, user=owner, id=webhook.public_id)
    resumed = change(graphql, RESUME, user=owner, id=webhook.public_id)

    assert paused["webhook"]["status"] == "PAUSED"
    assert resumed["webhook"]["status"] == "ACTIVE"
    assert paused["userErrors"] == resumed["userErrors"] == []


def test_cancelling_tells_how_many_deliveries_it_cancelled(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, URL)
    waiting = [make_delivery(webhook), make_delivery(webhook, status="retrying")]
    make_delivery(webhook, status="succeeded", due_at=None)

    payload = change(graphql, CANCEL, user=owner, id=webhook.public_id)

    assert payload["cancelledDeliveryCount"] == len(waiting)
    assert payload["webhook"]["status"] == "CANCELLED"


@pytest.mark.parametrize(("mutation", "variables"), ALL)
def test_a_cancelled_webhook_cannot_be_changed_any_more(
    graphql: GraphQL, owner: models.Model, mutation: str, variables: dict[str, Any]
) -> None:
    webhook = subscribe(owner, URL)
    change(graphql, CANCEL, user=owner, id=webhook.public_id)

    payload = change(graphql, mutation, user=owner, id=webhook.public_id, **variables)

    assert mistakes(payload) == [("WRONG_STATE", "")]
    assert payload["webhook"]["status"] == "CANCELLED"


@pytest.mark.parametrize(("mutation", "variables"), ALL)
def test_w23_r16_anothers_webhook_answers_as_one_that_never_was(
    graphql: GraphQL,
    owner: models.Model,
    other_owner: models.Model,
    mutation: str,
    variables: dict[str, Any],
) -> None:
    webhook = subscribe(owner, URL)
    ids = [
        webhook.public_id,
        "whk_" + "0" * 32,
        "evt_" + webhook.pk.hex,
        webhook.pk.hex,
        "",
        "whk_\0\ud800",
        "1" * 5000,
    ]

    payloads = [change(graphql, mutation, user=other_owner, id=it, **variables) for it in ids]

    assert mistakes(payloads[0]) == [("NOT_FOUND", "id")]
    assert all(payload == payloads[0] for payload in payloads)
    assert Webhook.objects.get() == webhook
    assert Webhook.objects.get().version == 1


def test_staff_change_their_own_webhooks_only(graphql: GraphQL, owner: models.Model) -> None:
    webhook = subscribe(owner, URL)
    chief = make_owner("chief")
    type(chief)._default_manager.filter(pk=chief.pk).update(is_staff=True, is_superuser=True)

    payload = change(graphql, CANCEL, user=chief, id=webhook.public_id)

    assert mistakes(payload) == [("NOT_FOUND", "id")]


def test_w22_r16_what_is_cancelled_gets_neither_new_events_nor_retries(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(500, path="/ended")
    ended = subscribe(owner, receiver.url("/ended"))
    subscribe(owner, receiver.url("/other"))
    record_ping(owner)
    deliver()

    change(graphql, CANCEL, user=owner, id=ended.public_id)
    record_ping(owner)
    deliver(now=later(days=30))

    assert len(receiver.requests("/ended")) == 1
    assert len(receiver.requests("/other")) == 2
    assert not Delivery.objects.waiting().filter(webhook=ended).exists()


def test_w24_after_cancelling_the_same_can_be_subscribed_again(
    graphql: GraphQL, owner: models.Model
) -> None:
    first = change(graphql, CREATE, user=owner, input=described(key="k"))["webhook"]
    change(graphql, CANCEL, user=owner, id=first["id"])

    again = change(graphql, CREATE, user=owner, input=described(key="k"))

    assert again["userErrors"] == []
    assert again["webhook"]["id"] != first["id"]


def test_a_change_of_the_timeout_is_what_the_engine_reads(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, URL)

    change(graphql, UPDATE, user=owner, id=webhook.public_id, input={"timeoutSeconds": 3})

    assert Webhook.objects.get().timeout == timedelta(seconds=3)
