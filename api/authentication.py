"""Who a request comes from: the user of its session, or the holder of its API token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from api.access import Caller
from api.errors import RequestError, RequestErrorCode, unauthenticated
from api.owners import owner_of_request
from api.scopes import EVERY_SCOPE
from api.tokens import find_token
from events.texts import is_storable

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest


def authenticate(request: HttpRequest, *, now: datetime) -> Caller | None:
    """Return who a request comes from, or None for somebody who is not signed in.

    A request with a token is judged by the token alone, its session is ignored. One without must
    carry Django's CSRF token if anybody is signed in. Raises the UNAUTHENTICATED error for a token
    that is wrong, expired or revoked, and for a broken cookie; the FORBIDDEN error for a missing
    CSRF token.
    """
    scheme, *credentials = request.headers.get("Authorization", "").split(maxsplit=1) or [""]
    if scheme.lower() == "bearer":
        return _by_token("".join(credentials).strip(), now=now)
    caller = _by_session(request)
    if caller is not None:
        _refuse_forgery(request)
    return caller


def _by_token(text: str, *, now: datetime) -> Caller:
    token = find_token(text, now=now)
    if token is None:
        raise unauthenticated("The API token is wrong, expired or revoked. Make a new one.")
    return Caller(
        id=token.public_id,
        name=token.name,
        owner=token.owner,
        scopes=frozenset(token.granted),
        token=token,
    )


def _by_session(request: HttpRequest) -> Caller | None:
    # A cookie may hold any character in quotes, and PostgreSQL will not look for a NUL.
    if not is_storable(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")):
        raise unauthenticated("The session's cookie is broken. Sign in again.")
    owner = owner_of_request(request)
    if owner is None:
        return None
    # Somebody may act for an owner without being a user, by a rule of the project's own.
    person = request.user if request.user.is_authenticated else owner
    return Caller(id=str(person.pk), name=str(person), owner=owner, scopes=EVERY_SCOPE, token=None)


def _refuse_forgery(request: HttpRequest) -> None:
    # Called here rather than from the list of middleware, which cannot know who needs no check.
    middleware = CsrfViewMiddleware(_answer_nothing)
    middleware.process_request(request)
    if middleware.process_view(request, _answer_nothing, (), {}) is not None:
        raise RequestError(
            "The CSRF token is missing or wrong. Send the csrftoken cookie's value in the header "
            "X-CSRFToken, or use an API token.",
            code=RequestErrorCode.FORBIDDEN,
        )


def _answer_nothing(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the signature of a view
    return HttpResponse()
