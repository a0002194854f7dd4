from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import models
from pytest_django import Settings

from api.models import ApiToken
from api.scopes import EVERY_SCOPE
from tests.api.client import GraphQL


def create_token(*arguments: str) -> str:
    """Return what the command prints."""
    out = StringIO()
    call_command("create_token", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("owner")
def test_it_prints_the_text_alone_and_the_text_opens_the_door(graphql: GraphQL) -> None:
    printed = create_token("--user", "ada")

    viewer = graphql("{ viewer { owner { name } scopes } }", token=printed.strip()).ok["viewer"]
    assert printed == printed.strip() + "\n"
    assert viewer["owner"]["name"] == "ada"
    assert len(viewer["scopes"]) == len(EVERY_SCOPE)


@pytest.mark.usefixtures("owner")
def test_name_scopes_and_end_are_as_asked_for() -> None:
    create_token(
        *("--user", "ada", "--name", "CI", "--expires-in-days", "7"),
        *("--scopes", "webhooks:read", "events:read"),
    )

    token = ApiToken.objects.get()
    assert token.name == "CI"
    assert token.scopes == ["webhooks:read", "events:read"]
    assert token.expires_at == token.created_at + timedelta(days=7)


def test_an_owner_can_be_named_by_key(owner: models.Model) -> None:
    create_token("--owner", str(owner.pk))

    assert ApiToken.objects.get().owner == owner


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--user", "nobody"], "no auth.User 'nobody'"),
        (["--owner", "first"], "no auth.User 'first'"),
        (["--user", "ada", "--scopes", "moon:land"], "webhooks:read"),
        (["--user", "ada", "--expires-in-days", "0"], "in the future"),
        (["--user", "ada", "--expires-in-days", str(10**10)], "too long"),
        (["--user", "ada", "--name", ""], "name is empty"),
        ([], "one of the arguments --user --owner is required"),
    ],
)
def test_a_mistake_is_told_and_no_token_is_made(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        create_token(*arguments)

    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("option", ["--user", "--owner"])
def test_a_user_who_is_not_active_gets_no_token(owner: models.Model, option: str) -> None:
    get_user_model().objects.update(is_active=False)

    with pytest.raises(CommandError, match="ada is not active"):
        create_token(option, "ada" if option == "--user" else str(owner.pk))

    assert not ApiToken.objects.exists()


@pytest.mark.usefixtures("owner")
def test_where_no_user_owns_an_owner_must_be_named(settings: Settings) -> None:
    settings.WEBHOOK_OWNER_MODEL = "auth.Group"

    with pytest.raises(CommandError, match="--owner"):
        create_token("--user", "ada")
