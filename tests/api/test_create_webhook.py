from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from pytest_django import Settings

from delivery.models import Webhook
from tests.api.client import GraphQL
from tests.api.mutations import CREATE, change, described, mistakes


def test_w4_r16_a_signed_in_caller_subscribes_and_owns_the_webhook(
    graphql: GraphQL, owner: models.Model
) -> None:
    payload = change(graphql, CREATE, user=owner, input=described())

    webhook = Webhook.objects.get()
    assert payload["userErrors"] == []
    assert payload["webhook"]["id"] == webhook.public_id
    assert payload["webhook"]["status"] == "ACTIVE"
    assert payload["signingSecret"] == webhook.signing_secrets.get().secret
    assert webhook.owner == owner


def test_a_webhook_is_stored_as_it_was_described(graphql: GraphQL, owner: models.Model) -> None:
    wanted = described(
        description="For the warehouse",
        key="warehouse",
        retryPolicy={"fixed": {"delaySeconds": 30}},
        maxInFlight=3,
        maxRequestsPerMinute=90,
        timeoutSeconds=7,
        isPaused=True,
    )

    webhook = change(graphql, CREATE, user=owner, input=wanted)["webhook"]

    assert webhook == {
        "id": webhook["id"],
        "name": "Orders",
        "url": "https://example.com/hooks",
        "description": "For the warehouse",
        "key": "warehouse",
        "status": "PAUSED",
        "version": 1,
        "timeoutSeconds": 7,
        "maxInFlight": 3,
        "maxRequestsPerMinute": 90,
        "events": [{"eventType": {"name": "ping"}}],
        "retryPolicy": {
            "name": "fixed",
            "summary": "Waits 30 seconds before each of 5 retries.",
        },
    }


def test_w13_a_webhook_without_a_retry_policy_gets_the_documented_schedule(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = change(graphql, CREATE, user=owner, input=described())["webhook"]

    assert webhook["retryPolicy"]["name"] == "schedule"
    assert "5 seconds" in webhook["retryPolicy"]["summary"]
    assert "24 hours" in webhook["retryPolicy"]["summary"]


@pytest.mark.parametrize("event_type", ["NO_SUCH", "no.such"])
def test_w6_r12_an_unknown_event_type_is_refused_by_its_name_where_it_stands(
    graphql: GraphQL, owner: models.Model, event_type: str
) -> None:
    wanted = described(events=[{"eventType": event_type}])

    answer = graphql(CREATE, variables={"input": wanted}, user=owner)

    [error] = answer.errors
    assert event_type in error["message"]
    assert "events[0].eventType" in error["message"]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("policy", "at_fault"),
    [
        ({"linear": {"stepSeconds": -60}}, "linear.stepSeconds"),
        ({"linear": {"maxDelaySeconds": -1}}, "linear.maxDelaySeconds"),
        ({"fixed": {"delaySeconds": 0}}, "fixed.delaySeconds"),
        ({"exponential": {"factor": 0.5}}, "exponential.factor"),
        ({"exponential": {"maxAttempts": 51}}, "exponential.maxAttempts"),
        ({"random": {"minDelaySeconds": 10, "maxDelaySeconds": 10}}, "random.minDelaySeconds"),
        ({"schedule": {"delaysSeconds": [5, -5]}}, "schedule.delaysSeconds.1"),
        ({"schedule": {"delaysSeconds": []}}, "schedule.delaysSeconds"),
    ],
)
def test_w11_settings_of_a_retry_policy_are_checked_when_it_is_chosen(
    graphql: GraphQL, owner: models.Model, policy: dict[str, Any], at_fault: str
) -> None:
    payload = change(graphql, CREATE, user=owner, input=described(retryPolicy=policy))

    assert mistakes(payload) == [("OUT_OF_RANGE", f"input.retryPolicy.{at_fault}")]
    assert payload["webhook"] is None
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ({"fibonacci": {}}, "fibonacci"),
        ({"linear": {"stepSeconds": "often"}}, "stepSeconds"),
        ({"linear": {"steps": 5}}, "steps"),
        ({"linear": {}, "fixed": {}}, "exactly one"),
        ({}, "exactly one"),
        ({"linear": None}, "linear"),
    ],
)
def test_w11_w12_a_retry_policy_that_the_schema_does_not_know_is_refused(
    graphql: GraphQL, owner: models.Model, policy: dict[str, Any], named: str
) -> None:
    wanted = described(retryPolicy=policy)

    answer = graphql(CREATE, variables={"input": wanted}, user=owner)

    assert named in str(answer.errors)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "  "}, ("REQUIRED", "input.name")),
        ({"name": "n" * 101}, ("OUT_OF_RANGE", "input.name")),
        ({"name": "x" + " " * 200}, ("OUT_OF_RANGE", "input.name")),
        ({"name": "a\0b"}, ("INVALID", "input.name")),
        ({"name": "\ud800"}, ("INVALID", "input.name")),
        ({"description": "\0"}, ("INVALID", "input.description")),
        ({"description": "d" * 2001}, ("OUT_OF_RANGE", "input.description")),
        ({"key": ""}, ("REQUIRED", "input.key")),
        ({"key": "\udfff"}, ("INVALID", "input.key")),
        ({"events": []}, ("REQUIRED", "input.events")),
        ({"events": [{"eventType": "PING"}] * 101}, ("OUT_OF_RANGE", "input.events")),
        ({"url": "example.com"}, ("INVALID", "input.url")),
        ({"url": "https://example.com/\0"}, ("INVALID", "input.url")),
        ({"url": "https://example.com/\ud800"}, ("INVALID", "input.url")),
        ({"url": "https://user:secret@example.com/"}, ("INVALID", "input.url")),
        ({"url": "https://10.0.0.1/"}, ("FORBIDDEN_ADDRESS", "input.url")),
        ({"url": "https://169.254.169.254/"}, ("FORBIDDEN_ADDRESS", "input.url")),
        ({"timeoutSeconds": 0}, ("OUT_OF_RANGE", "input.timeoutSeconds")),
        ({"timeoutSeconds": 2**31 - 1}, ("OUT_OF_RANGE", "input.timeoutSeconds")),
        ({"maxInFlight": 101}, ("OUT_OF_RANGE", "input.maxInFlight")),
        ({"maxRequestsPerMinute": 0}, ("OUT_OF_RANGE", "input.maxRequestsPerMinute")),
    ],
)
def test_a_mistake_is_told_by_code_and_path_and_stores_nothing(
    graphql: GraphQL, owner: models.Model, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    payload = change(graphql, CREATE, user=owner, input=described(**changes))

    assert mistakes(payload) == [expected]
    assert (payload["webhook"], payload["signingSecret"]) == (None, None)
    assert not Webhook.objects.exists()


def test_all_mistakes_are_told_at_once(graphql: GraphQL, owner: models.Model) -> None:
    wanted = described(name="", url="nowhere", timeoutSeconds=99)

    payload = change(graphql, CREATE, user=owner, input=wanted)

    assert mistakes(payload) == [
        ("REQUIRED", "input.name"),
        ("INVALID", "input.url"),
        ("OUT_OF_RANGE", "input.timeoutSeconds"),
    ]


def test_http_is_refused_unless_the_project_allows_it(
    graphql: GraphQL, owner: models.Model, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_HTTP = False

    payload = change(graphql, CREATE, user=owner, input=described(url="http://example.com/"))

    assert mistakes(payload) == [("INVALID", "input.url")]


def test_w25_an_exact_duplicate_is_refused_as_taken(graphql: GraphQL, owner: models.Model) -> None:
    change(graphql, CREATE, user=owner, input=described())

    payload = change(graphql, CREATE, user=owner, input=described(name="Again"))

    assert mistakes(payload) == [("TAKEN", "")]
    assert Webhook.objects.count() == 1


def test_a_key_is_the_owners_only_once(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    change(graphql, CREATE, user=owner, input=described(key="main"))
    elsewhere = described(key="main", url="https://example.com/other")

    payload = change(graphql, CREATE, user=owner, input=elsewhere)
    of_another = change(graphql, CREATE, user=other_owner, input=elsewhere)

    assert mistakes(payload) == [("TAKEN", "input.key")]
    assert mistakes(of_another) == []


def test_r13_any_other_combination_of_events_and_url_is_accepted(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    book_added, both = (
        [{"eventType": "BOOK_ADDED"}],
        [
            {"eventType": "PING"},
            {"eventType": "BOOK_ADDED"},
        ],
    )
    payloads = [
        change(graphql, CREATE, user=owner, input=described()),
        change(graphql, CREATE, user=owner, input=described(events=book_added)),
        change(graphql, CREATE, user=owner, input=described(events=both)),
        change(graphql, CREATE, user=owner, input=described(url="https://example.com/2")),
        change(graphql, CREATE, user=other_owner, input=described()),
    ]

    assert [mistakes(payload) for payload in payloads] == [[]] * 5


def test_there_can_be_as_many_webhooks_as_the_settings_say(
    graphql: GraphQL, owner: models.Model, settings: Settings
) -> None:
    settings.WEBHOOK_MAX_WEBHOOKS = 1
    change(graphql, CREATE, user=owner, input=described())

    payload = change(graphql, CREATE, user=owner, input=described(url="https://example.com/2"))

    assert mistakes(payload) == [("LIMIT_REACHED", "")]


@pytest.mark.parametrize("foreign", ["owner", "ownerId", "id", "version", "status"])
def test_r16_what_is_not_the_callers_to_say_is_no_input(
    graphql: GraphQL, owner: models.Model, foreign: str
) -> None:
    answer = graphql(CREATE, variables={"input": described(**{foreign: "1"})}, user=owner)

    assert f"'{foreign}'" in answer.errors[0]["message"]
    assert not Webhook.objects.exists()
