"""Creating and changing webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import models, transaction

from delivery import webhook_rules
from delivery.actors import wake_engine
from delivery.audit import CODE, Action, Actor, note_action
from delivery.conditions.condition import dump_conditions, readable_conditions
from delivery.duplicates import duplicates_refused
from delivery.errors import ErrorCode, Mistake, Refused
from delivery.http.signing import SigningMethod
from delivery.models import EventSubscription, SigningSecret, Webhook
from delivery.parking import send_parked
from delivery.signing_secrets import (
    NewSecret,
    add_secret,
    needs_shared_secret,
    secret_mistakes,
)
from delivery.webhook_locks import lock_webhook
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec

Change: TypeAlias = Callable[[WebhookSpec], WebhookSpec]

_COLUMNS = (
    "name",
    "description",
    "url",
    "key",
    "payload_format",
    "callback",
    "timeout",
    "max_in_flight",
    "max_requests_per_minute",
)


@dataclass(frozen=True, kw_only=True)
class CreatedWebhook:
    """A new webhook and its signing secret, which is not shown again; None for an Ed25519 key."""

    webhook: Webhook
    signing_secret: str | None = field(repr=False)


def create_webhook(  # noqa: PLR0913 - whose, what, how it signs, when, by whom
    *,
    owner: models.Model,
    spec: WebhookSpec,
    secret: NewSecret | None = None,
    now: datetime,
    is_paused: bool = False,
    actor: Actor = CODE,
) -> CreatedWebhook:
    """Subscribe an endpoint to events, by default with a random secret for HMAC-SHA256.

    Raises `Refused` with every mistake in `spec` and `secret`.
    """
    secret = secret or NewSecret()
    method = secret.method_after(SigningMethod.HMAC_SHA256)
    webhook = Webhook(
        owner_id=owner.pk,
        status=Webhook.Status.PAUSED if is_paused else Webhook.Status.ACTIVE,
        active_since=now,
        created_at=now,
    )
    with transaction.atomic():
        webhook_rules.check_room(owner)
        mistakes = secret_mistakes(secret, method=method, payload_format=spec.payload_format)
        webhook_rules.check(spec, beside=mistakes)
        _store(webhook, spec, now=now)
        _store_events(webhook, spec.events)
        shown = add_secret(webhook, own=secret.own, method=method, now=now)
        note_action(Action.WEBHOOK_CREATED, target=webhook, owner=owner, actor=actor, now=now)
    return CreatedWebhook(webhook=webhook, signing_secret=shown)


def update_webhook(  # noqa: PLR0913 - whose, which, how, on what condition, when, by whom
    *,
    owner: models.Model,
    webhook_id: UUID,
    change: Change,
    expected_version: int | None = None,
    now: datetime,
    actor: Actor = CODE,
) -> Webhook:
    """Change a webhook: `change` gets it as it is and returns it as it is to be.

    Raises `Refused`: NOT_FOUND, WRONG_STATE for a cancelled one, CONFLICT if it is no longer at
    `expected_version`, or every mistake in the new form.
    """
    with transaction.atomic():
        webhook = lock_webhook(owner=owner, webhook_id=webhook_id)
        if expected_version not in (None, webhook.version):
            raise Refused(
                Mistake(
                    code=ErrorCode.CONFLICT,
                    message=f"The webhook is at version {webhook.version}, not "
                    f"{expected_version}: it was changed meanwhile. Read it again.",
                    path=("expected_version",),
                )
            )
        spec = spec_of(webhook)
        if (changed := change(spec)) != spec:
            webhook.version += 1
            mistakes = _format_mistakes(webhook, changed, now=now)
            webhook_rules.check(changed, before=spec, beside=mistakes)
            _store(webhook, changed, now=now)
            if changed.url != spec.url and webhook.is_active:
                send_parked([webhook.pk], now=now)
                transaction.on_commit(wake_engine)
            # Left alone otherwise: what cannot be read now may be read by another version.
            if changed.events != spec.events:
                _store_events(webhook, changed.events)
            note_action(
                Action.WEBHOOK_UPDATED,
                target=webhook,
                owner=owner,
                actor=actor,
                now=now,
                changed=changed.differences_from(spec),
            )
    return webhook


def spec_of(webhook: Webhook) -> WebhookSpec:
    """Return a webhook as its owner describes it."""
    return WebhookSpec(
        **{name: getattr(webhook, name) for name in _COLUMNS},
        events=tuple(
            EventSubscriptionSpec(
                event_type=row.event_type,
                conditions=readable_conditions(row.conditions),
                selection=row.selection,
            )
            for row in webhook.event_subscriptions.all()
        ),
        headers=tuple((name, value) for name, value in webhook.headers),
        authentication=webhook.endpoint_authentication,
        retry_policy=webhook.policy if webhook.retry_policy else None,
    )


def _format_mistakes(webhook: Webhook, changed: WebhookSpec, *, now: datetime) -> Iterator[Mistake]:
    name = changed.payload_format
    if name == webhook.payload_format or not needs_shared_secret(name):
        return
    newest: SigningSecret | None = webhook.signing_secrets.valid_at(now).first()
    if newest and newest.method is not SigningMethod.HMAC_SHA256:
        message = f"The format {name.upper()} needs a shared secret. Rotate to HMAC_SHA256 first."
        yield Mistake(code=ErrorCode.INVALID, message=message, path=("format",))


def _store(webhook: Webhook, spec: WebhookSpec, *, now: datetime) -> None:
    if webhook.url != spec.url:
        webhook.forget_failures()
    for name in _COLUMNS:
        setattr(webhook, name, getattr(spec, name))
    webhook.headers = [list(header) for header in spec.headers]
    # Left as it is sealed, unless it is another: an update is not to undo a change of keys.
    if spec.authentication != webhook.endpoint_authentication:
        webhook.authentication = spec.stored_authentication
    webhook.retry_policy = spec.stored_policy
    webhook.fingerprint = spec.fingerprint
    webhook.updated_at = now
    with duplicates_refused():
        webhook.save()


def _store_events(webhook: Webhook, events: Sequence[EventSubscriptionSpec]) -> None:
    webhook.event_subscriptions.all().delete()
    EventSubscription.objects.bulk_create(
        EventSubscription(
            webhook=webhook,
            event_type=wanted.event_type,
            conditions=dump_conditions(wanted.conditions),
            selection=wanted.selection,
        )
        for wanted in events
    )
