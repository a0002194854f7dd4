"""The mutations of API tokens."""

from __future__ import annotations

from typing import Annotated

import strawberry
from django.utils import timezone

from api import tokens
from api.access import ApiTokenScope, actor_of, caller_of, owner_of, scoped_field
from api.errors import user_errors
from api.inputs.ids import key_in
from api.inputs.tokens import CreateApiTokenInput
from api.models import ApiToken
from api.mutations.payloads import CreateApiTokenPayload, RevokeApiTokenPayload
from delivery.errors import Refused


@strawberry.type
class TokenMutations:
    """The mutations of API tokens."""

    @scoped_field(
        ApiTokenScope.TOKENS_MANAGE,
        description="Makes an API token. Its text is shown this once.",
    )
    def create_api_token(
        self,
        info: strawberry.Info,
        wanted: Annotated[
            CreateApiTokenInput,
            strawberry.argument(name="input", description="What the token is for."),
        ],
    ) -> CreateApiTokenPayload | None:
        """Create a token; one that is made with a token does no more than that, and no longer."""
        caller = caller_of(info)
        try:
            created = tokens.create_token(
                owner=owner_of(info),
                spec=wanted.spec(),
                maker=caller.token if caller else None,
                now=timezone.now(),
                actor=actor_of(info),
            )
        except Refused as refused:
            return CreateApiTokenPayload(user_errors=user_errors(refused))
        return CreateApiTokenPayload(api_token=created.token, text=created.text)

    @scoped_field(
        ApiTokenScope.TOKENS_MANAGE,
        description="Ends an API token at once.",
    )
    def revoke_api_token(
        self,
        info: strawberry.Info,
        token_id: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="The ID of the token.")
        ],
    ) -> RevokeApiTokenPayload | None:
        """Revoke a token."""
        try:
            token = tokens.revoke_token(
                owner=owner_of(info),
                token_id=key_in(token_id, model=ApiToken),
                now=timezone.now(),
                actor=actor_of(info),
            )
        except Refused as refused:
            return RevokeApiTokenPayload(user_errors=user_errors(refused))
        return RevokeApiTokenPayload(api_token=token)
