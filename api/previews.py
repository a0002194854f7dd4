"""What would happen, with nothing stored or sent."""

from __future__ import annotations

from typing import Annotated, cast

import strawberry

from api.errors import user_errors
from api.inputs.conditions import PayloadFilterPreviewInput, read_conditions
from api.types.conditions import PayloadFilterPreview
from delivery.conditions.condition import dump_conditions
from delivery.conditions.evaluation import compile_conditions
from delivery.conditions.rules import condition_mistakes
from delivery.errors import Refused
from events.event import event_types
from events.fields import JsonValue


def payload_filter_preview(
    wanted: Annotated[
        PayloadFilterPreviewInput,
        strawberry.argument(name="input", description="The conditions and the payload."),
    ],
) -> PayloadFilterPreview:
    """Try conditions on a payload, just as the fan-out would."""
    event_type = event_types.get(wanted.event_type.value)
    conditions = read_conditions(wanted.conditions)
    mistakes = tuple(condition_mistakes(event_type, conditions, path=("conditions",)))
    if mistakes:
        return PayloadFilterPreview(user_errors=user_errors(Refused(*mistakes)))
    given = cast("JsonValue", wanted.payload)
    payload = event_type.sample_payload if given is None else given
    results = compile_conditions(event_type.name, dump_conditions(conditions)).results(payload)
    return PayloadFilterPreview(is_sent=all(results), results=results)
