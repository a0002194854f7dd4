"""The mutations as tests send them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from api.scopes import EVERY_SCOPE, ApiTokenScope
from api.tokens import CreatedToken, TokenSpec, create_token
from tests.api.client import GraphQL

ERRORS = "userErrors { message code field }"
WEBHOOK = """webhook { id name url description key status version timeoutSeconds maxInFlight
  maxRequestsPerMinute
  events { eventType { name } } retryPolicy { name summary } }"""

CREATE = f"""mutation ($input: CreateWebhookInput!) {{
  createWebhook(input: $input) {{ {WEBHOOK} signingSecret {ERRORS} }} }}"""
UPDATE = f"""mutation ($id: ID!, $input: UpdateWebhookInput!) {{
  updateWebhook(id: $id, input: $input) {{ {WEBHOOK} {ERRORS} }} }}"""
PAUSE = f"mutation ($id: ID!) {{ pauseWebhook(id: $id) {{ {WEBHOOK} {ERRORS} }} }}"
RESUME = f"mutation ($id: ID!) {{ resumeWebhook(id: $id) {{ {WEBHOOK} {ERRORS} }} }}"
CANCEL = f"""mutation ($id: ID!) {{
  cancelWebhook(id: $id) {{ {WEBHOOK} cancelledDeliveryCount {ERRORS} }} }}"""
ROTATE = f"""mutation ($id: ID!, $input: RotateSigningSecretInput) {{
  rotateSigningSecret(id: $id, input: $input) {{ {WEBHOOK} signingSecret {ERRORS} }} }}"""
REVOKE = f"""mutation ($id: ID!, $secret: ID!) {{
  revokeSigningSecret(id: $id, secretId: $secret) {{ {WEBHOOK} {ERRORS} }} }}"""
CREATE_TOKEN = f"""mutation ($input: CreateApiTokenInput!) {{
  createApiToken(input: $input) {{
    apiToken {{ id name hint scopes expiresAt }} text {ERRORS} }} }}"""
REVOKE_TOKEN = f"""mutation ($id: ID!) {{
  revokeApiToken(id: $id) {{ apiToken {{ id revokedAt }} {ERRORS} }} }}"""


def described(**changes: Any) -> dict[str, Any]:
    """Return a `CreateWebhookInput` that is accepted, but for the changes."""
    wanted = {
        "name": "Orders",
        "url": "https://example.com/hooks",
        "events": [{"eventType": "PING"}],
    }
    return wanted | changes


def change(
    graphql: GraphQL, mutation: str, *, user: models.Model | None = None, **variables: Any
) -> dict[str, Any]:
    """Return the payload of a mutation that was carried out."""
    [payload] = graphql(mutation, variables=variables, user=user).ok.values()
    assert isinstance(payload, dict)
    return payload


def mistakes(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the codes of a payload's user errors, each with the path of its field."""
    return [
        (error["code"], ".".join(error["field"] or []))
        for error in payload["userErrors"]
        if error["message"]
    ]


def make_token(owner: models.Model, *scopes: ApiTokenScope, expires_at: Any = None) -> CreatedToken:
    """Return a new token, with every scope if none is named."""
    spec = TokenSpec(name="CI", scopes=scopes or tuple(EVERY_SCOPE), expires_at=expires_at)
    return create_token(owner=owner, spec=spec, now=timezone.now())
