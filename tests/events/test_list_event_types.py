"""`manage.py list_event_types`: the catalogue without a database, a server or a token."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from events.event import Event, event_types
from events.webhooks import Ping


def list_event_types(*options: str) -> str:
    out = StringIO()
    call_command("list_event_types", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def parcel_lost() -> Iterator[str]:
    with event_types.scratch():

        class ParcelLost(Event, name="parcel.lost", ordered_by="parcel_id"):
            """A parcel did not arrive — ever."""

            parcel_id: int

        yield "parcel.lost"


def test_w1_every_registered_event_type_has_a_line_in_order_of_the_names(parcel_lost: str) -> None:
    heading, *lines = list_event_types().splitlines()

    assert heading.split() == ["NAME", "CATEGORY", "DESCRIPTION"]
    assert tuple(line.split()[0] for line in lines) == event_types.names()
    assert parcel_lost in event_types.names()


def test_a_line_holds_name_category_and_description_in_columns(parcel_lost: str) -> None:
    heading, *lines = list_event_types().splitlines()

    [line] = [line for line in lines if line.startswith(parcel_lost)]
    assert line.split(maxsplit=2) == [parcel_lost, "parcel", "A parcel did not arrive — ever."]
    assert line.index("parcel", 1) == heading.index("CATEGORY")
    assert line.index("A parcel") == heading.index("DESCRIPTION")


def test_an_event_type_without_a_description_leaves_no_spaces_at_the_end() -> None:
    with event_types.scratch():
        type("Silent", (Event,), {"__doc__": None}, name="silent")

        [line] = [line for line in list_event_types().splitlines() if line.startswith("silent")]

    assert line.split() == ["silent", "silent"]
    assert line == line.rstrip()


def test_json_has_the_same_event_types_with_schema_and_sample(parcel_lost: str) -> None:
    listed = json.loads(list_event_types("--json"))

    assert tuple(each["name"] for each in listed) == event_types.names()
    [found] = [each for each in listed if each["name"] == parcel_lost]
    assert found["category"] == "parcel"
    assert found["description"] == "A parcel did not arrive — ever."
    assert found["payloadSchema"]["required"] == ["parcel_id"]
    assert found["samplePayload"] == {"parcel_id": 1}


def test_json_tells_which_field_orders_deliveries(parcel_lost: str) -> None:
    fields = {each["name"]: each["orderedBy"] for each in json.loads(list_event_types("--json"))}

    assert fields[parcel_lost] == "parcel_id"
    assert fields["ping"] is None


def test_every_sample_in_the_json_is_valid_by_its_schema() -> None:
    listed = json.loads(list_event_types("--json"))

    assert Ping.__event_type__.name in [each["name"] for each in listed]
    for each in listed:
        Draft202012Validator(each["payloadSchema"]).validate(each["samplePayload"])
