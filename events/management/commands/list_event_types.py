"""`manage.py list_event_types`: what can be subscribed to, for people and for programs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from events.event import EventType, event_types
from events.fields import JsonValue


class Command(BaseCommand):
    """Prints the event types that are registered at start, in the order of their names."""

    help = "Lists the event types that can be subscribed to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the form."""
        parser.add_argument(
            "--json",
            action="store_true",
            dest="is_json",
            help="print JSON, with the JSON Schema and a sample of each payload",
        )

    def handle(self, *args: Any, is_json: bool, **options: Any) -> None:
        """Print the list."""
        self.stdout.write(_as_json() if is_json else _as_table())


def _as_table() -> str:
    rows = [("NAME", "CATEGORY", "DESCRIPTION")]
    rows += [(each.name, each.category, _told(each)) for each in event_types]
    name_width, category_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = (
        f"{name:<{name_width}}  {category:<{category_width}}  {description}".rstrip()
        for name, category, description in rows
    )
    return "\n".join(lines)


def _told(event_type: EventType) -> str:
    reason = event_type.deprecation_reason
    return f"{event_type.description} Deprecated: {reason}" if reason else event_type.description


def _as_json() -> str:
    return json.dumps([_described(each) for each in event_types], indent=2, ensure_ascii=False)


def _described(event_type: EventType) -> dict[str, JsonValue]:
    # The keys are those that the GraphQL API has for the same things.
    return {
        "name": event_type.name,
        "category": event_type.category,
        "description": event_type.description,
        "deprecationReason": event_type.deprecation_reason,
        "orderedBy": event_type.ordered_by,
        "payloadSchema": event_type.payload_schema,
        "samplePayload": event_type.sample_payload,
    }
