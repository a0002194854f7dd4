"""The page of a webhook's public keys, for receivers that verify Ed25519 signatures."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from api.inputs.ids import key_in
from delivery.http.signing import public_key_bytes
from delivery.models import SigningSecret, Webhook

if TYPE_CHECKING:
    from django.db.models import QuerySet

_FRESH_FOR_SECONDS = 300


@login_not_required
@require_safe
@csrf_exempt  # Nothing changes here: another method gets its 405, and no page of Django's.
def public_keys_view(request: HttpRequest, webhook_id: str) -> JsonResponse:  # noqa: ARG001 - a view
    """Answer with the public keys that verify a webhook's requests now, as a JWK set (RFC 7517).

    Each is an Ed25519 key (RFC 8037), the newest first. The status is 404 if there are none,
    whatever the reason: nobody learns here whether there is such a webhook. No sign-in is asked
    for, since receivers have none; the IDs of webhooks cannot be guessed.
    """
    key = key_in(webhook_id, model=Webhook)
    secrets: QuerySet[SigningSecret] = SigningSecret.objects.valid_at(timezone.now())
    found = secrets.filter(webhook=key).exclude(public_key="").only("pk", "public_key")
    keys = [_jwk(secret) for secret in found]
    response = JsonResponse({"keys": keys}, status=200 if keys else 404)
    response["Content-Type"] = "application/jwk-set+json"
    response["Cache-Control"] = f"public, max-age={_FRESH_FOR_SECONDS}" if keys else "no-store"
    return response


def _jwk(secret: SigningSecret) -> dict[str, str]:
    raw = public_key_bytes(secret.public_key)
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
        "kid": secret.public_id,
        "use": "sig",
        "alg": "EdDSA",
    }
