from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import models
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from api.models import ApiToken
from api.scopes import ApiTokenScope
from delivery.models import Webhook
from tests.api.client import GraphQL
from tests.api.mutations import CANCEL, CREATE, described, make_token
from tests.work import subscribe

VIEWER = "{ viewer { id name owner { id name } scopes } }"
URL = "https://example.com/hooks"


def test_w5_without_credentials_nothing_is_cancelled(graphql: GraphQL, owner: models.Model) -> None:
    webhook = subscribe(owner, URL)

    answer = graphql(CANCEL, variables={"id": webhook.public_id})

    assert answer.code == "UNAUTHENTICATED"
    assert Webhook.objects.get().status == Webhook.Status.ACTIVE


def test_somebody_who_is_not_signed_in_is_no_viewer(graphql: GraphQL) -> None:
    assert graphql(VIEWER).ok == {"viewer": None}


def test_a_user_acts_for_themselves_with_every_scope(graphql: GraphQL, owner: models.Model) -> None:
    assert graphql(VIEWER, user=owner).ok["viewer"] == {
        "id": str(owner.pk),
        "name": "ada",
        "owner": {"id": str(owner.pk), "name": "ada"},
        "scopes": [scope.name for scope in ApiTokenScope],
    }


def test_a_token_acts_for_its_owner(graphql: GraphQL, owner: models.Model) -> None:
    token = make_token(owner).text

    graphql(CREATE, variables={"input": described()}, token=token)

    assert Webhook.objects.get().owner == owner


def test_a_token_opens_the_door_where_a_project_asks_everybody_to_sign_in(
    graphql: GraphQL, owner: models.Model, settings: Settings
) -> None:
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]

    assert graphql(VIEWER, token=make_token(owner).text).ok["viewer"]["name"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["", "hkl_", "hkl_" + "A" * 43, "\u00ff" * 40, "a b", "\0", "x" * 100_000]
)
def test_a_wrong_token_is_refused_as_a_whole(text: str) -> None:
    answer = _ask(Client(), VIEWER, Authorization=f"Bearer {text}")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


def test_an_expired_token_is_refused_as_a_wrong_one_is(
    graphql: GraphQL, owner: models.Model
) -> None:
    text = make_token(owner, expires_at=timezone.now() + timedelta(days=1)).text
    ApiToken.objects.update(expires_at=timezone.now())

    assert graphql(VIEWER, token=text) == graphql(VIEWER, token="hkl_wrong")


def test_a_wrong_token_does_not_fall_back_to_the_session(
    graphql: GraphQL, owner: models.Model
) -> None:
    answer = graphql(VIEWER, user=owner, token="hkl_wrong")

    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")


def test_a_token_is_judged_without_the_session_beside_it(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    token = make_token(owner, ApiTokenScope.EVENTS_READ).text

    viewer = graphql(VIEWER, user=other_owner, token=token).ok["viewer"]

    assert (viewer["owner"]["name"], viewer["scopes"]) == ("ada", ["EVENTS_READ"])


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "Bearer\t", "  Bearer   "])
def test_the_name_of_the_scheme_is_read_in_any_case_and_after_any_space(
    owner: models.Model, scheme: str
) -> None:
    answer = _ask(Client(), VIEWER, Authorization=f"{scheme}{make_token(owner).text}")

    assert answer.json()["data"]["viewer"]["name"] == "CI"


def test_another_scheme_of_authorization_is_left_to_whoever_stands_in_front(
    owner: models.Model,
) -> None:
    client = Client()
    client.force_login(_user(owner))

    answer = _ask(client, VIEWER, Authorization="Basic YWxhZGRpbjpvcGVu")

    assert answer.json()["data"]["viewer"]["name"] == "ada"


def test_a_session_without_the_csrf_token_is_refused(owner: models.Model) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(_user(owner))

    answer = _ask(client, CREATE, variables={"input": described()})

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
    assert not Webhook.objects.exists()


def test_a_session_with_the_csrf_token_is_let_in(owner: models.Model) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(_user(owner))
    client.cookies["csrftoken"] = csrf_token = "c" * 32

    answer = _ask(client, VIEWER, **{"X-CSRFToken": csrf_token})

    assert answer.json()["data"]["viewer"]["name"] == "ada"


def test_a_token_needs_no_csrf_token(owner: models.Model) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(_user(owner))

    answer = _ask(client, VIEWER, Authorization=f"Bearer {make_token(owner).text}")

    assert answer.json()["data"]["viewer"]["name"] == "CI"


def find_bea(request: HttpRequest) -> models.Model | None:
    return get_user_model().objects.filter(username=request.headers.get("X-Tenant", "")).first()


@pytest.mark.usefixtures("other_owner")
def test_a_project_can_say_whom_a_request_acts_for(settings: Settings) -> None:
    settings.WEBHOOK_REQUEST_OWNER = f"{__name__}.find_bea"

    found = _ask(Client(), VIEWER, **{"X-Tenant": "bea"}).json()["data"]
    lost = _ask(Client(), VIEWER, **{"X-Tenant": "nobody"}).json()["data"]

    assert found["viewer"]["owner"]["name"] == "bea"
    assert lost["viewer"] is None


def find_no_row(_: HttpRequest) -> object:
    return "ada"


@pytest.mark.django_db
def test_a_finder_that_finds_no_row_of_the_owner_model_is_told_of_in_the_log(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WEBHOOK_REQUEST_OWNER = f"{__name__}.find_no_row"

    answer = _ask(Client(), VIEWER)

    assert answer.status_code == 500
    assert "'ada', which is not a auth.User" in caplog.text


@pytest.mark.parametrize("cookie", ['"broken\\000cookie"', "x" * 4_000, "", '"', "ÿ"])
@pytest.mark.django_db
def test_a_broken_cookie_is_no_fault_of_ours(cookie: str) -> None:
    headers = {"Cookie": f"sessionid={cookie}; csrftoken={cookie}"}

    answer = _ask(Client(), VIEWER, **headers)

    is_broken = "000" in cookie
    assert answer.status_code == (401 if is_broken else 200)


@pytest.mark.parametrize("token", ["", "c" * 31, "c" * 65, "ÿ" * 32, '"c\\000"', "d" * 32])
@pytest.mark.parametrize("cookie", ["", "c" * 32, "c" * 31, '"c\\000"', "ÿ" * 64])
def test_a_broken_csrf_token_is_a_missing_one(owner: models.Model, cookie: str, token: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(_user(owner))
    session = client.cookies["sessionid"].value

    headers = {"Cookie": f"sessionid={session}; csrftoken={cookie}", "X-CSRFToken": token}
    answer = _ask(client, CREATE, variables={"input": described()}, **headers)

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
    assert not Webhook.objects.exists()


def _user(owner: models.Model) -> Any:
    return owner


def _ask(client: Client, query: str, *, variables: Any = None, **headers: str) -> Any:
    body = json.dumps({"query": query, "variables": variables})
    return client.post("/graphql/", body, content_type="application/json", headers=headers)
