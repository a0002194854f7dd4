"""Making, finding and revoking API tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction

from api.models import ApiToken
from api.scalars import show_moment
from api.scopes import EVERY_SCOPE, ApiTokenScope
from delivery.audit import CODE, Action, Actor, note_action
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.webhook_rules import MAX_NAME, text_mistakes

_PREFIX = "hkl_"
_RANDOM_BYTES = 32
_HINT_LENGTH = 8
_MAX_LIVE_TOKENS = 100
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class TokenSpec:
    """A token as its owner describes it. Without `expires_at` it lasts until it is revoked."""

    name: str
    scopes: tuple[ApiTokenScope, ...]
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CreatedToken:
    """A new token and its text, which is not shown again."""

    token: ApiToken
    text: str = field(repr=False)


def create_token(
    *,
    owner: models.Model,
    spec: TokenSpec,
    now: datetime,
    maker: ApiToken | None = None,
    actor: Actor = CODE,
) -> CreatedToken:
    """Make a token that acts for an owner.

    One that is made with a token, the `maker`, may do no more than that and does not outlast it.
    Raises `Refused` with every mistake in `spec`, and LIMIT_REACHED.
    """
    if maker and spec.expires_at is None:
        spec = replace(spec, expires_at=maker.expires_at)
    mistakes = [*_mistakes(spec, now=now, maker=maker), *_lack_of_room(owner, now=now)]
    if mistakes:
        raise Refused(*mistakes)
    text = _PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    token = ApiToken(
        owner_id=owner.pk,
        name=spec.name,
        digest=_digest(text),
        hint=text[:_HINT_LENGTH],
        scopes=[scope.value for scope in ApiTokenScope if scope in spec.scopes],
        created_at=now,
        expires_at=spec.expires_at,
    )
    with transaction.atomic():
        token.save(force_insert=True)
        note_action(Action.API_TOKEN_CREATED, target=token, owner=owner, actor=actor, now=now)
    return CreatedToken(token=token, text=text)


def find_token(text: str, *, now: datetime) -> ApiToken | None:
    """Return the token with this text if it opens the door now, and note that it was used."""
    tokens: models.QuerySet[ApiToken] = ApiToken.objects.valid_at(now).select_related("owner")
    token = tokens.filter(digest=_digest(text)).first()
    # A user who was shut out is not let in by their tokens; other owners have no such switch.
    if token is None or not getattr(token.owner, "is_active", True):
        return None
    if token.last_used_at is None or now - token.last_used_at >= _USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke_token(
    *, owner: models.Model, token_id: UUID, now: datetime, actor: Actor = CODE
) -> ApiToken:
    """End a token at once, but none that it made; one that was revoked before stays as it is.

    Raises `Refused`: NOT_FOUND.
    """
    tokens: models.QuerySet[ApiToken] = ApiToken.objects.visible_to(owner)
    with transaction.atomic():
        is_revoked_now = tokens.filter(pk=token_id, revoked_at=None).update(revoked_at=now) > 0
        token = tokens.filter(pk=token_id).first()
        if token is None:
            raise Refused(Mistake(code=ErrorCode.NOT_FOUND, message="There is no such API token."))
        if is_revoked_now:
            note_action(Action.API_TOKEN_REVOKED, target=token, owner=owner, actor=actor, now=now)
    return token


def _mistakes(spec: TokenSpec, *, now: datetime, maker: ApiToken | None) -> Iterator[Mistake]:
    yield from text_mistakes("name", spec.name, maximum=MAX_NAME)
    if not spec.scopes:
        message = "Name at least one scope."
        yield Mistake(code=ErrorCode.REQUIRED, message=message, path=("scopes",))
    grantable = maker.granted if maker else EVERY_SCOPE
    for index, scope in enumerate(spec.scopes):
        if scope not in grantable:
            message = f"You cannot give {scope.name}, because the token you use does not have it."
            path = ("scopes", str(index))
            yield Mistake(code=ErrorCode.INVALID, message=message, path=path)
    yield from _mistakes_in_end(
        spec.expires_at, now=now, latest=maker.expires_at if maker else None
    )


def _mistakes_in_end(
    end: datetime | None, *, now: datetime, latest: datetime | None
) -> Iterator[Mistake]:
    if end is not None and end <= now:
        message = "The token would have ended already. Give a moment in the future."
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=("expires_at",))
    if end is not None and latest is not None and end > latest:
        message = (
            f"The token you use ends at {show_moment(latest)}, and one made with it cannot outlast "
            "it. Give an earlier moment, or leave it out."
        )
        yield Mistake(code=ErrorCode.OUT_OF_RANGE, message=message, path=("expires_at",))


def _lack_of_room(owner: models.Model, *, now: datetime) -> Iterator[Mistake]:
    live: models.QuerySet[ApiToken] = ApiToken.objects.visible_to(owner).valid_at(now)
    if live.count() >= _MAX_LIVE_TOKENS:
        message = (
            f"There may be {_MAX_LIVE_TOKENS} API tokens at most, not counting those that are "
            "expired or revoked. Revoke one that is not needed."
        )
        yield Mistake(code=ErrorCode.LIMIT_REACHED, message=message)


def _digest(text: str) -> str:
    # A plain hash will do: the text is random and long, so nobody can try them all.
    return hashlib.sha256(text.encode()).hexdigest()
