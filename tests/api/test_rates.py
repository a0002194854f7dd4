"""An owner may write so often and no more, and a request over the limit is refused whole."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.db import models
from django.test import Client
from limits import parse
from pytest_django import Settings

from api.models import ApiToken
from api.rates import WriteCounter, write_counter
from delivery.models import Webhook
from tests.api.client import GraphQL
from tests.api.mutations import CANCEL, CREATE, described, make_token, mistakes
from tests.end_to_end.backend import Backend
from tests.services.valkey import ValkeyServer
from tests.work import subscribe

THREE = parse("3/hour")
NEW_TOKENS = "mutation {{ {fields} }}"
NEW_TOKEN = 'createApiToken(input: {name: "CI", scopes: [WEBHOOKS_READ]}) { text }'


@pytest.fixture(autouse=True)
def _three_writes_an_hour(settings: Settings) -> Iterator[None]:
    settings.WEBHOOK_WRITE_RATE = "3/hour"
    settings.REDIS_URL = None
    write_counter.cache_clear()
    yield
    write_counter.cache_clear()


def new_tokens(count: int) -> str:
    fields = (f"a{number}: {NEW_TOKEN}" for number in range(count))
    return NEW_TOKENS.format(fields=" ".join(fields))


def test_what_is_over_the_rate_is_refused_and_told_how_long_to_wait(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, "https://example.com/")
    for _ in range(3):
        graphql(new_tokens(1), user=owner)
    client = Client(headers={"Authorization": f"Bearer {make_token(owner).text}"})

    body = json.dumps({"query": CANCEL, "variables": {"id": webhook.public_id}})
    answer = client.post("/graphql/", body, content_type="application/json")

    [error] = answer.json()["errors"]
    assert answer.status_code == 429
    assert answer.json().keys() == {"errors"}
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert 3_500 < error["extensions"]["retryAfterSeconds"] <= 3_600
    assert answer.headers["Retry-After"] == str(error["extensions"]["retryAfterSeconds"])
    assert Webhook.objects.get().status == Webhook.Status.ACTIVE


def test_each_mutation_of_a_request_counts_and_it_is_refused_whole(
    graphql: GraphQL, owner: models.Model
) -> None:
    assert graphql(new_tokens(2), user=owner).ok

    assert graphql(new_tokens(2), user=owner).code == "RATE_LIMITED"
    assert ApiToken.objects.count() == 2
    assert graphql(new_tokens(1), user=owner).ok


def test_more_than_the_rate_has_at_all_is_told_to_be_sent_in_parts(
    graphql: GraphQL, owner: models.Model
) -> None:
    answer = graphql(new_tokens(4), user=owner)

    assert answer.code == "RATE_LIMITED"
    assert "4 mutations is always too much" in answer.errors[0]["message"]


def test_a_mutation_counts_once_wherever_it_is_written_and_not_if_it_is_left_out(
    graphql: GraphQL, owner: models.Model
) -> None:
    query = (
        f"mutation {{ __typename ...A ...A ... {{ {NEW_TOKEN} }} "
        f"skipped: {NEW_TOKEN.replace('{ text }', '@skip(if: true) { text }')} }} "
        f"fragment A on Mutation {{ {NEW_TOKEN} }}"
    )
    for _ in range(3):
        assert graphql(query, user=owner).ok

    assert graphql(query, user=owner).code == "RATE_LIMITED"


def test_an_owners_tokens_and_sessions_are_counted_together_and_other_owners_apart(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    first, second = make_token(owner).text, make_token(owner).text
    for caller in ({"token": first}, {"token": second}, {"user": owner}):
        assert graphql(new_tokens(1), **caller).ok

    for caller in ({"token": first}, {"token": second}, {"user": owner}):
        assert graphql(new_tokens(1), **caller).code == "RATE_LIMITED"
    assert graphql(new_tokens(1), user=other_owner).ok


def test_reading_is_not_limited_and_strangers_are_not_counted(
    graphql: GraphQL, owner: models.Model
) -> None:
    for _ in range(4):
        assert graphql("{ webhooks { totalCount } }", user=owner).ok
        assert graphql(new_tokens(1)).code == "UNAUTHENTICATED"
    assert graphql(new_tokens(3), user=owner).ok
    assert graphql("{ webhooks { totalCount } }", user=owner).ok


def test_what_is_refused_for_a_mistake_of_its_owner_counts_as_well(
    graphql: GraphQL, owner: models.Model
) -> None:
    for _ in range(3):
        payload = graphql(CREATE, variables={"input": described(name="")}, user=owner).ok
        assert mistakes(payload["createWebhook"]) == [("REQUIRED", "input.name")]

    assert graphql(CREATE, variables={"input": described()}, user=owner).code == "RATE_LIMITED"


def test_an_empty_setting_means_no_limit(
    graphql: GraphQL, owner: models.Model, settings: Settings
) -> None:
    settings.WEBHOOK_WRITE_RATE = ""

    for _ in range(5):
        assert graphql(new_tokens(1), user=owner).ok


def test_without_the_setting_six_hundred_a_minute_are_let_through(
    graphql: GraphQL, owner: models.Model, settings: Settings
) -> None:
    del settings.WEBHOOK_WRITE_RATE
    rate, counter = parse("600/minute"), write_counter(None)
    assert counter.take(599, owner=owner, rate=rate) is None

    assert graphql(new_tokens(1), user=owner).ok
    assert graphql(new_tokens(1), user=owner).code == "RATE_LIMITED"


def test_once_the_time_is_over_all_of_it_is_free_again(owner: models.Model) -> None:
    counter, rate = WriteCounter(None), parse("2/second")
    assert counter.take(2, owner=owner, rate=rate) is None

    wait = counter.take(1, owner=owner, rate=rate)

    assert wait == timedelta(seconds=1)
    while counter.take(2, owner=owner, rate=rate) is not None:
        pass


TAKE = """
from types import SimpleNamespace
from limits import parse
from api.rates import WriteCounter
print(WriteCounter({url!r}).take(1, owner=SimpleNamespace(pk=7), rate=parse("3/hour")))
"""


def test_processes_share_the_count_in_redis_where_no_secret_is_kept(
    valkey: ValkeyServer, tmp_path: Path
) -> None:
    valkey.flush()
    env = {"DJANGO_SETTINGS_MODULE": "tests.settings", "HOOKLINE_DATA_DIR": str(tmp_path)}
    with Backend(env) as one, Backend(env) as other:
        taken = [each.run(TAKE.format(url=valkey.url)) for each in (one, other, one, other)]

    assert taken[:3] == ["None\n"] * 3
    assert "0:59:" in taken[3] or "1:00:00" in taken[3]
    with redis.Redis.from_url(valkey.url) as client:
        assert client.keys() == [b"hookline:LIMITER/writes/7/3/1/hour"]


@pytest.mark.parametrize("trouble", ["outage", "frozen"])
def test_without_redis_each_process_counts_by_itself_and_says_so_once(
    valkey: ValkeyServer, owner: models.Model, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    counter = WriteCounter(valkey.url)
    with getattr(valkey, trouble)():
        began = time.monotonic()
        taken = [counter.take(1, owner=owner, rate=THREE) for _ in range(4)]
        lasted = time.monotonic() - began

    assert taken[:3] == [None] * 3
    assert taken[3] is not None
    # One attempt of a second, and none for the writes that follow.
    assert lasted < 4
    [record] = [record for record in caplog.records if record.name == "delivery.reach"]
    assert record.levelno == logging.WARNING


def test_redis_counts_again_when_it_is_back(
    valkey: ValkeyServer, owner: models.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.reach._SILENCE", timedelta())
    valkey.flush()
    counter = WriteCounter(valkey.url)
    with valkey.outage():
        assert counter.take(3, owner=owner, rate=THREE) is None

    assert counter.take(3, owner=owner, rate=THREE) is None
    assert WriteCounter(valkey.url).take(1, owner=owner, rate=THREE) is not None


def test_a_write_does_not_fail_because_redis_is_away(
    graphql: GraphQL, owner: models.Model, settings: Settings, valkey: ValkeyServer
) -> None:
    settings.REDIS_URL = valkey.url
    with valkey.outage():
        answers = [graphql(new_tokens(1), user=owner) for _ in range(4)]

    assert [bool(answer.data) for answer in answers] == [True, True, True, False]
    assert answers[3].code == "RATE_LIMITED"
