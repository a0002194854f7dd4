from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import models
from django.utils import timezone

from api.models import ApiToken
from api.scopes import ApiTokenScope
from api.tokens import find_token
from tests.api.client import GraphQL
from tests.api.mutations import CREATE_TOKEN, REVOKE_TOKEN, change, make_token, mistakes

VIEWER = "{ viewer { id name scopes } }"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_token_opens_the_door_with_its_text(graphql: GraphQL, owner: models.Model) -> None:
    wanted = {"name": "CI", "scopes": ["EVENTS_READ", "WEBHOOKS_READ"]}

    payload = change(graphql, CREATE_TOKEN, user=owner, input=wanted)

    assert payload["userErrors"] == []
    assert payload["text"].startswith("hkl_")
    assert payload["apiToken"]["hint"] == payload["text"][:8]
    assert graphql(VIEWER, token=payload["text"]).ok["viewer"] == {
        "id": payload["apiToken"]["id"],
        "name": "CI",
        "scopes": ["WEBHOOKS_READ", "EVENTS_READ"],
    }


def test_of_the_text_only_a_digest_is_stored(owner: models.Model) -> None:
    text = make_token(owner).text

    [row] = ApiToken.objects.values()

    assert row["digest"] == hashlib.sha256(text.encode()).hexdigest()
    assert text not in str(row)


def test_the_text_is_not_in_what_is_written_of_a_new_token(owner: models.Model) -> None:
    created = make_token(owner)

    assert created.token.public_id in str(created)
    assert created.text not in str(created)


def test_every_token_has_a_text_of_its_own(owner: models.Model) -> None:
    assert len({make_token(owner).text for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"name": ""}, ("REQUIRED", "input.name")),
        ({"name": "n" * 101}, ("OUT_OF_RANGE", "input.name")),
        ({"name": "\0"}, ("INVALID", "input.name")),
        ({"scopes": []}, ("REQUIRED", "input.scopes")),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, ("OUT_OF_RANGE", "input.expiresAt")),
    ],
)
def test_a_mistake_in_a_token_is_told_and_makes_none(
    graphql: GraphQL, owner: models.Model, wanted: dict[str, object], expected: tuple[str, str]
) -> None:
    described = {"name": "CI", "scopes": ["EVENTS_READ"]} | wanted

    payload = change(graphql, CREATE_TOKEN, user=owner, input=described)

    assert mistakes(payload) == [expected]
    assert (payload["apiToken"], payload["text"]) == (None, None)
    assert not ApiToken.objects.exists()


def test_a_token_cannot_make_one_that_may_do_more(graphql: GraphQL, owner: models.Model) -> None:
    token = make_token(owner, ApiTokenScope.TOKENS_MANAGE).text
    wanted = {"name": "More", "scopes": ["TOKENS_MANAGE", "WEBHOOKS_WRITE"]}

    answer = graphql(CREATE_TOKEN, variables={"input": wanted}, token=token)

    assert mistakes(answer.ok["createApiToken"]) == [("INVALID", "input.scopes.1")]
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(None, []), (1, []), (2, []), (3, [("OUT_OF_RANGE", "input.expiresAt")])],
)
def test_a_token_made_with_a_token_does_not_outlast_it(
    graphql: GraphQL,
    owner: models.Model,
    hours: int | None,
    expected: list[tuple[str, str]],
) -> None:
    now = timezone.now()
    maker = make_token(owner, expires_at=now + timedelta(hours=2))
    end = None if hours is None else now + timedelta(hours=hours)
    wanted = {"name": "Child", "scopes": ["EVENTS_READ"], "expiresAt": end and end.isoformat()}

    answer = graphql(CREATE_TOKEN, variables={"input": wanted}, token=maker.text)

    assert mistakes(answer.ok["createApiToken"]) == expected
    made = list(ApiToken.objects.exclude(pk=maker.token.pk))
    assert [token.expires_at for token in made] == (
        [] if expected else [end or maker.token.expires_at]
    )


def test_a_token_stays_when_the_one_that_made_it_is_revoked(
    graphql: GraphQL, owner: models.Model
) -> None:
    maker = make_token(owner)
    wanted = {"name": "Child", "scopes": ["EVENTS_READ"]}
    child = graphql(CREATE_TOKEN, variables={"input": wanted}, token=maker.text)

    change(graphql, REVOKE_TOKEN, user=owner, id=maker.token.public_id)

    assert graphql(VIEWER, token=child.ok["createApiToken"]["text"]).ok["viewer"]


def test_an_owner_has_a_hundred_live_tokens_at_most(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    wanted = {"name": "One more", "scopes": ["EVENTS_READ"]}
    ApiToken.objects.bulk_create(
        ApiToken(owner_id=owner.pk, name="CI", digest=str(number)) for number in range(100)
    )

    def make(user: models.Model) -> list[tuple[str, str]]:
        return mistakes(change(graphql, CREATE_TOKEN, user=user, input=wanted))

    assert make(owner) == [("LIMIT_REACHED", "")]
    assert make(other_owner) == []
    ApiToken.objects.filter(digest="0").update(revoked_at=NOW)
    assert make(owner) == []
    assert make(owner) == [("LIMIT_REACHED", "")]
    ApiToken.objects.filter(digest="1").update(expires_at=NOW)
    assert make(owner) == []


def test_a_revoked_token_is_refused_at_once(graphql: GraphQL, owner: models.Model) -> None:
    created = make_token(owner)

    payload = change(graphql, REVOKE_TOKEN, user=owner, id=created.token.public_id)

    assert payload["userErrors"] == []
    assert payload["apiToken"]["revokedAt"] is not None
    assert graphql(VIEWER, token=created.text).code == "UNAUTHENTICATED"


def test_revoking_twice_keeps_the_first_moment(graphql: GraphQL, owner: models.Model) -> None:
    token_id = make_token(owner).token.public_id

    first = change(graphql, REVOKE_TOKEN, user=owner, id=token_id)
    second = change(graphql, REVOKE_TOKEN, user=owner, id=token_id)

    assert first == second


def test_anothers_token_answers_as_one_that_never_was(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    token = make_token(owner).token
    ids = [token.public_id, "tok_" + "0" * 32, "whk_" + token.pk.hex, "", "\0"]

    payloads = [change(graphql, REVOKE_TOKEN, user=other_owner, id=it) for it in ids]

    assert mistakes(payloads[0]) == [("NOT_FOUND", "id")]
    assert all(payload == payloads[0] for payload in payloads)
    assert ApiToken.objects.get().revoked_at is None


def test_a_token_ends_at_its_moment(owner: models.Model) -> None:
    end = timezone.now() + timedelta(hours=1)
    text = make_token(owner, expires_at=end).text

    assert find_token(text, now=end - timedelta(seconds=1)) is not None
    assert find_token(text, now=end) is None


def test_use_is_noted_once_a_minute(owner: models.Model) -> None:
    text = make_token(owner).text
    noted = []

    for seconds in (0, 59, 60):
        find_token(text, now=NOW + timedelta(seconds=seconds))
        noted.append(ApiToken.objects.get().last_used_at)

    assert noted == [NOW, NOW, NOW + timedelta(minutes=1)]


def test_the_tokens_of_a_user_who_was_shut_out_open_nothing(
    graphql: GraphQL, owner: models.Model
) -> None:
    text = make_token(owner).text
    type(owner)._default_manager.update(is_active=False)

    assert graphql(VIEWER, token=text).code == "UNAUTHENTICATED"


def test_a_scope_that_is_no_more_is_left_out(graphql: GraphQL, owner: models.Model) -> None:
    text = make_token(owner, ApiTokenScope.EVENTS_READ).text
    ApiToken.objects.update(scopes=["events:read", "moon:land"])

    assert graphql(VIEWER, token=text).ok["viewer"]["scopes"] == ["EVENTS_READ"]
