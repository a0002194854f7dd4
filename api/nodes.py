"""Objects of any kind by their IDs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from api.access import may, owner_of
from api.errors import bad_request
from api.models import ApiToken
from api.pages import MOST
from api.scopes import ApiTokenScope
from api.selections import select
from api.types.event_type import find_event_type
from delivery import models
from events.models import EventRecord

if TYPE_CHECKING:
    import strawberry

# Any: each of these models has a `visible_to` of its own.
_SCOPES: Mapping[Any, ApiTokenScope] = {
    models.Webhook: ApiTokenScope.WEBHOOKS_READ,
    models.SigningSecret: ApiTokenScope.WEBHOOKS_READ,
    EventRecord: ApiTokenScope.EVENTS_READ,
    models.Delivery: ApiTokenScope.DELIVERIES_READ,
    models.Attempt: ApiTokenScope.DELIVERIES_READ,
    models.AuditEntry: ApiTokenScope.AUDIT_READ,
    ApiToken: ApiTokenScope.TOKENS_MANAGE,
}


def find_nodes(ids: Sequence[str], *, info: strawberry.Info) -> list[Any]:
    """Return the objects with these IDs in the same order, None where the caller may see none.

    One query for each kind of row. Raises the BAD_REQUEST error for too many IDs.
    """
    if len(ids) > MOST:
        raise bad_request(
            f"`ids` may have {MOST} entries, not {len(ids)}. Ask in several requests."
        )
    found: dict[str, Any] = {}
    for model, scope in _SCOPES.items():
        keys = {key for public_id in ids if (key := model.parse_id(public_id))}
        if keys and may(info, scope):
            rows = model.objects.visible_to(owner_of(info)).filter(pk__in=keys)
            found |= {row.public_id: row for row in select(rows, info)}
    if may(info, ApiTokenScope.EVENTS_READ):
        found |= {
            public_id: find_event_type(public_id) for public_id in ids if public_id not in found
        }
    return [found.get(public_id) for public_id in ids]
