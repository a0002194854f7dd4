"""The catalogue as pydantic models: a module that runs, takes what is sent and refuses the rest."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pytest
from hypothesis import given

from events.catalogue.forms import CatalogueForm
from events.event import EventType, event_type_of
from events.payload import encode_payload
from events.webhooks import Ping
from tests.events.catalogue.shapes import TYPES, sample_body
from tests.events.everything import EXAMPLE, Everything, everything

EXAMPLE_SAMPLE = event_type_of(EXAMPLE).sample_payload
SOURCE = CatalogueForm.PYDANTIC.write(TYPES)

every_event_type = pytest.mark.parametrize("event_type", TYPES, ids=lambda each: each.name)


def imported(source: str) -> Any:
    """Return the module; a warning on the way is an error."""
    module = ModuleType("exported_events")
    sys.modules[module.__name__] = module
    exec(compile(source, "exported_events.py", "exec", dont_inherit=True), vars(module))
    return module


MODULE = imported(SOURCE)


def parse(event_type: EventType, **changes: Any) -> Any:
    """Return what the module reads of a sample with some fields changed."""
    body = sample_body(event_type)
    return MODULE.parse(json.dumps({**body, "data": {**event_type.sample_payload, **changes}}))


def test_ruff_has_nothing_to_say(tmp_path: Path) -> None:
    path = tmp_path / "exported_events.py"
    path.write_text(SOURCE)

    # The rule left out is about the names of enums, which are their authors' own.
    options = ["--isolated", "--no-cache", "--ignore", "PYI042"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, path],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@every_event_type
def test_a_sample_is_read_as_its_own_model(event_type: EventType) -> None:
    body = parse(event_type)

    assert body.type == event_type.name
    assert body.timestamp == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert type(body.data).__name__ == event_type.data_type_name


@every_event_type
def test_what_was_read_is_what_was_sent(event_type: EventType) -> None:
    read = parse(event_type).data.model_dump(mode="json", by_alias=True, warnings=False)

    assert read == event_type.sample_payload


@given(event=everything)
def test_values_are_those_of_the_event(event: Everything) -> None:
    body = {**sample_body(event_type_of(event)), "data": json.loads(encode_payload(event))}

    data = MODULE.parse(json.dumps(body)).data

    assert (data.moment, data.day, data.identifier) == (event.moment, event.day, event.identifier)
    assert (data.amount, data.text, data.whole) == (event.amount, event.text, event.whole)
    assert data.colour == event.colour.value
    assert [part.label for part in data.parts] == [part.label for part in event.parts]


@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"whole": "many"},
        {"moment": "2026-01-02T03:04:05"},
        {"identifier": "1"},
        {"colour": "green"},
        {"level": 3},
        {"part": {}},
        {"parts": [{}]},
        {"table": [["x"]]},
    ],
    ids=str,
)
def test_what_is_never_sent_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        parse(event_type_of(EXAMPLE), **change)


@pytest.mark.parametrize("missing", ["text", "part"])
def test_a_field_without_a_default_must_be_there(missing: str) -> None:
    body = sample_body(event_type_of(EXAMPLE))
    data = {name: value for name, value in EXAMPLE_SAMPLE.items() if name != missing}

    with pytest.raises(pydantic.ValidationError, match=missing):
        MODULE.parse(json.dumps({**body, "data": data}))


def test_a_field_that_an_old_payload_lacks_is_none() -> None:
    body = sample_body(event_type_of(EXAMPLE))
    data = {name: value for name, value in EXAMPLE_SAMPLE.items() if name != "parts"}

    assert MODULE.parse(json.dumps({**body, "data": data})).data.parts is None


def test_a_field_that_is_added_later_is_left_out() -> None:
    data = parse(Ping.__event_type__, added_later=1).data

    assert data.model_dump() == {"message": "text"}


def test_an_event_type_that_is_not_in_the_module_is_refused() -> None:
    body = {**sample_body(Ping.__event_type__), "type": "never.heard"}

    with pytest.raises(pydantic.ValidationError, match="found using 'type'"):
        MODULE.parse(json.dumps(body))


def test_one_event_type_alone_makes_a_module_too() -> None:
    module = imported(CatalogueForm.PYDANTIC.write([Ping.__event_type__]))

    assert module.parse(json.dumps(sample_body(Ping.__event_type__))).data.message == "text"


def test_fields_carry_descriptions_and_warn_of_deprecations() -> None:
    part = MODULE.TestsEventsCatalogueShapesPartData(sizes=["small"], old=None)

    assert MODULE.EverythingHeldData.model_fields["text"].description == "Any text."
    with pytest.warns(DeprecationWarning, match='Use "sizes"'):
        assert part.old is None
    assert "Deprecated: Use" in MODULE.ThingShapedData.__doc__
    assert "Those of one `type` come one after" in MODULE.FieldNamedOddlyV2Body.__doc__
    assert MODULE.PingData.__doc__ == "A request to find out whether an endpoint answers."
