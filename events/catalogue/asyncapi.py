"""The catalogue as an AsyncAPI 3.0.0 document."""

from __future__ import annotations

from collections.abc import Iterable

from events.catalogue.catalogue import Body, Catalogue
from events.catalogue.jsonschema import as_text, definitions
from events.event import EventType
from events.fields import JsonValue
from events.schema import noted

_SCHEMAS = "#/components/schemas/"
_HEADERS: dict[str, str] = {
    "webhook-id": "The delivery's ID, the same in every attempt.",
    "webhook-timestamp": "When the attempt was made, in seconds since 1970.",
    "webhook-signature": "One signature for each secret, separated by spaces.",
}


def as_asyncapi(event_types: Iterable[EventType]) -> str:
    """Return a document in which each event type is a channel, a message and an operation.

    They are seen from the side that sends. A channel has no address, for it is a webhook's URL.
    """
    catalogue = Catalogue(event_types)
    bodies = catalogue.bodies
    document: dict[str, JsonValue] = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Webhooks",
            "version": "1.0.0",
            "description": (
                "Requests as Standard Webhooks has them, whole: without a selection, in the "
                "standard format."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {body.event_type.name: _channel(body) for body in bodies},
        "operations": {body.event_type.name: _operation(body) for body in bodies},
        "components": {
            "messages": {body.event_type.name: _message(body) for body in bodies},
            "schemas": dict(sorted(definitions(catalogue, root=_SCHEMAS).items())),
        },
    }
    return as_text(document)


def _channel(body: Body) -> JsonValue:
    name = body.event_type.name
    return {
        "address": None,
        "title": name,
        **_told(body.event_type),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }


def _operation(body: Body) -> JsonValue:
    name = body.event_type.name
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "title": name,
        **_told(body.event_type),
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }


def _message(body: Body) -> JsonValue:
    return {
        "name": body.event_type.name,
        "title": body.event_type.name,
        **_told(body.event_type),
        "headers": {
            "type": "object",
            "properties": {
                name: {"type": "string", "description": text} for name, text in _HEADERS.items()
            },
            "required": list(_HEADERS),
        },
        "payload": {"$ref": _SCHEMAS + body.name},
    }


def _told(event_type: EventType) -> dict[str, JsonValue]:
    # Only schemas have `deprecated` in AsyncAPI; the description tells of it everywhere.
    told = noted(event_type.description, deprecation_reason=event_type.deprecation_reason)
    return {"description": told["description"]} if told else {}
