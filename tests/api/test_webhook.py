"""Webhooks as they are shown, with their secrets and retry policies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import models

from delivery.models import SigningSecret
from delivery.retry import (
    ExponentialRetryPolicy,
    FixedRetryPolicy,
    LinearRetryPolicy,
    RandomRetryPolicy,
    RetryPolicy,
    ScheduleRetryPolicy,
)
from tests.api.client import GraphQL
from tests.api.rows import NOW
from tests.work import subscribe

URL = "http://127.0.0.1:4/"


def test_w4_a_webhook_is_shown_as_it_was_made(graphql: GraphQL, owner: models.Model) -> None:
    webhook = subscribe(
        owner,
        URL,
        "ping",
        "book.added",
        name="A shop",
        description="Its stock.",
        key="shop",
        now=NOW,
    )

    shown = graphql.show(
        webhook,
        """{ id key name description owner { id name } url status events { eventType { value } }
        timeoutSeconds maxInFlight maxRequestsPerMinute version createdAt updatedAt
        cancelledAt }""",
        user=owner,
    )

    assert shown == {
        "id": webhook.public_id,
        "key": "shop",
        "name": "A shop",
        "description": "Its stock.",
        "owner": {"id": str(owner.pk), "name": "ada"},
        "url": URL,
        "status": "ACTIVE",
        "events": [{"eventType": {"value": "PING"}}, {"eventType": {"value": "BOOK_ADDED"}}],
        "timeoutSeconds": 10,
        "maxInFlight": 10,
        "maxRequestsPerMinute": None,
        "version": 1,
        "createdAt": "2026-03-01T12:00:00Z",
        "updatedAt": "2026-03-01T12:00:00Z",
        "cancelledAt": None,
    }


def test_the_secrets_that_sign_now_are_listed_newest_first_by_their_last_characters(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, URL)
    first = webhook.signing_secrets.get()
    second = SigningSecret.of("whsec_abcd", webhook=webhook, now=NOW)
    gone = SigningSecret.of("whsec_gone", webhook=webhook, now=NOW)
    gone.expires_at = NOW
    SigningSecret.objects.bulk_create([second, gone])

    shown = graphql.show(webhook, "{ signingSecrets { id hint expiresAt } }", user=owner)

    assert shown["signingSecrets"] == [
        {"id": second.public_id, "hint": "abcd", "expiresAt": None},
        {"id": first.public_id, "hint": first.secret[-4:], "expiresAt": None},
    ]


@pytest.mark.parametrize(
    ("policy", "name", "settings"),
    [
        (FixedRetryPolicy(delay=timedelta(minutes=5)), "Fixed", {"delaySeconds": 300}),
        (
            LinearRetryPolicy(step=timedelta(seconds=7)),
            "Linear",
            {"initialDelaySeconds": 30, "stepSeconds": 7, "maxDelaySeconds": 86400},
        ),
        (
            ExponentialRetryPolicy(factor=2.5),
            "Exponential",
            {
                "initialDelaySeconds": 15,
                "factor": 2.5,
                "maxDelaySeconds": 86400,
                "jitter": 0.1,
            },
        ),
        (RandomRetryPolicy(), "Random", {"minDelaySeconds": 10, "maxDelaySeconds": 3600}),
        (
            ScheduleRetryPolicy(delays=(timedelta(seconds=1), timedelta(hours=1)), jitter=0),
            "Schedule",
            {"delaysSeconds": [1, 3600], "jitter": 0.0},
        ),
    ],
)
def test_a_retry_policy_is_shown_with_its_settings(
    graphql: GraphQL,
    owner: models.Model,
    policy: RetryPolicy,
    name: str,
    settings: dict[str, Any],
) -> None:
    webhook = subscribe(owner, URL, retry_policy=policy)

    shown = graphql.show(
        webhook,
        f"""{{ retryPolicy {{ __typename name maxAttempts summary
        ... on {name}RetryPolicy {{ {" ".join(settings)} }} }} }}""",
        user=owner,
    )

    assert shown["retryPolicy"] == {
        "__typename": f"{name}RetryPolicy",
        "name": policy.name,
        "maxAttempts": policy.max_attempts,
        "summary": policy.summary,
        **settings,
    }


def test_w13_a_webhook_that_chose_no_policy_shows_the_default_one(
    graphql: GraphQL, owner: models.Model
) -> None:
    shown = graphql.show(subscribe(owner, URL), "{ retryPolicy { name maxAttempts } }", user=owner)

    assert shown["retryPolicy"] == {"name": "schedule", "maxAttempts": 10}


@pytest.mark.parametrize("name", ["forgotten", "fixed"])
def test_a_policy_that_cannot_be_read_any_more_is_shown_as_it_was_stored(
    graphql: GraphQL, owner: models.Model, name: str
) -> None:
    webhook = subscribe(owner, URL)
    webhook.retry_policy = {"name": name, "settings": {"colour": "red"}}
    webhook.save()

    shown = graphql.show(
        webhook,
        """{ retryPolicy { __typename name maxAttempts
        ... on UnregisteredRetryPolicy { settings } } }""",
        user=owner,
    )

    assert shown["retryPolicy"] == {
        "__typename": "UnregisteredRetryPolicy",
        "name": name,
        "maxAttempts": 10,
        "settings": {"colour": "red"},
    }
