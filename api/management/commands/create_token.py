"""`manage.py create_token`: make an API token, the way in for programs."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from api.scopes import ApiTokenScope
from api.tokens import TokenSpec, create_token
from delivery.audit import Actor, ActorKind
from delivery.errors import Refused
from events.conf import owner_model

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.management.base import CommandParser
    from django.db import models

_ACTOR = Actor(kind=ActorKind.CODE, name="manage.py create_token")


class Command(BaseCommand):
    """Make an API token and print its text, alone, so that a script can take it."""

    help = "Makes an API token and prints its text, which is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what the token is to be."""
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--user", help="whom it acts for, by user name")
        whom.add_argument(
            "--owner", metavar="ID", help="whom it acts for, by primary key, where no user owns"
        )
        parser.add_argument("--name", default="create_token", help="what it is for")
        parser.add_argument(
            "--scopes",
            nargs="+",
            type=_scope,
            default=list(ApiTokenScope),
            metavar="SCOPE",
            help=f"what it may do, everything by default: {_names()}",
        )
        parser.add_argument(
            "--expires-in-days", type=int, metavar="DAYS", help="when it ends, never by default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token."""
        now = timezone.now()
        spec = TokenSpec(
            name=options["name"],
            scopes=tuple(options["scopes"]),
            expires_at=_end(options["expires_in_days"], now=now),
        )
        owner = _owner(user_name=options["user"], key=options["owner"])
        try:
            created = create_token(owner=owner, spec=spec, now=now, actor=_ACTOR)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(created.text)


def _names() -> str:
    return ", ".join(scope.value for scope in ApiTokenScope)


def _scope(name: str) -> ApiTokenScope:
    try:
        return ApiTokenScope(name)
    except ValueError:
        raise ArgumentTypeError(f"{name!r} is no scope. There are: {_names()}.") from None


def _end(days: int | None, *, now: datetime) -> datetime | None:
    try:
        return None if days is None else now + timedelta(days=days)
    except OverflowError:
        raise CommandError(
            f"{days} days is too long. Leave it out for a token that stays."
        ) from None


def _owner(*, user_name: str | None, key: str | None) -> models.Model:
    owners, users = apps.get_model(owner_model()), get_user_model()
    if key is None and owners is not users:
        raise CommandError(f"A {owner_model()} owns webhooks here, no user. Name one by --owner.")
    wanted = {users.USERNAME_FIELD: user_name} if key is None else {"pk": key}
    try:
        found: models.Model = owners._default_manager.get(**wanted)  # noqa: SLF001 - Django's public name for it
    except (owners.DoesNotExist, ValueError, ValidationError):
        raise CommandError(f"There is no {owner_model()} {key or user_name!r}.") from None
    if not getattr(found, "is_active", True):
        raise CommandError(f"{found} is not active: a token of theirs would be refused.")
    return found
