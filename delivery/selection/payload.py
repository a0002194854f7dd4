"""A selection at work: from the payload that is stored to the part of it that is sent."""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from typing import TypeAlias

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, SelectionSetNode, parse

from events.fields import JsonValue
from events.names import camel_case

# The fields that are wanted of an object, each with those that are wanted of it; none of a value.
_Wanted: TypeAlias = "dict[str, _Wanted]"

# The same few keys come again with every item of a list and with every event.
_graphql_name = lru_cache(maxsize=4_096)(camel_case)

logger = logging.getLogger(__name__)


def select_payload(payload_json: str, *, event_type: str, selection: str) -> str:
    """Return the selected part of a payload as compact JSON text, with the payload's own keys.

    The keys stand in the order of the selection. What the payload does not have is left out: it
    may be older or younger than the selection. The empty selection gives the text unchanged.

    Never raises: if the selection cannot be applied, which takes a row that was changed by hand,
    this is logged and the whole payload is sent, for an event must not be lost over it.
    """
    if not selection:
        return payload_json
    try:
        part = _part(json.loads(payload_json), _read(selection))
        return json.dumps(part, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (GraphQLError, RecursionError, ValueError):
        logger.exception(
            "The selection %r cannot be applied to a payload of %s: all of it is sent.",
            selection,
            event_type,
        )
        return payload_json


def _part(value: JsonValue, wanted: _Wanted) -> JsonValue:
    match value:
        case dict():
            # Asked of the payload and not of the class, which may have changed or be gone.
            keys = {_graphql_name(key): key for key in value}
            known = ((keys[name], within) for name, within in wanted.items() if name in keys)
            return {
                key: _part(value[key], within) for key, within in known if _fits(value[key], within)
            }
        case list():
            return [_part(item, wanted) for item in value if _fits(item, wanted)]
        case _:
            return value


def _fits(value: JsonValue, wanted: _Wanted) -> bool:
    # Who selected a plain value did not ask for all of what has become an object since.
    return value is None or isinstance(value, list) or isinstance(value, dict) == bool(wanted)


@lru_cache(maxsize=1_000)
def _read(selection: str) -> _Wanted:
    wanted: _Wanted = {}
    for definition in parse(selection).definitions:
        if isinstance(definition, OperationDefinitionNode):
            _add(definition.selection_set, wanted)
    if not wanted:
        raise ValueError("It selects nothing.")
    return wanted


def _add(selected: SelectionSetNode | None, wanted: _Wanted) -> None:
    """Add what is selected; a field that stands there twice is one field with all of it."""
    for node in selected.selections if selected else ():
        if isinstance(node, FieldNode):
            _add(node.selection_set, wanted.setdefault(node.name.value, {}))
